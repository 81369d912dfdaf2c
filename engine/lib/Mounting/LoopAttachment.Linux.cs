using System.Runtime.InteropServices;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Mounting;

/// <summary>The Linux calls behind <see cref="LoopAttachment"/>.</summary>
internal static unsafe class LoopCalls
{
    /// <summary>
    /// Sets up a free device that detaches itself when nobody has it open or mounted any more, whoever dies. It stands over
    /// the range from its first moment: what lies around that may be of an array that the system would put together.
    /// </summary>
    /// <param name="device">The device's path.</param>
    /// <param name="error">A number of errno where there is none.</param>
    /// <returns>The open device, or null.</returns>
    public static SafeHandle? TryAttach(string file, long offset, long length, out string device, out int error)
    {
        device = "";
        using var control = FileCalls.Open("/dev/loop-control", Libc.O_RDWR, out error);
        if (control.IsInvalid)
        {
            return null;
        }

        var number = FileCalls.Result(Libc.ioctl(control, Libc.LOOP_CTL_GET_FREE, null));
        if (number < 0)
        {
            error = -number;
            return null;
        }

        device = $"/dev/loop{number}";
        using var backing = FileCalls.Open(file, Libc.O_RDWR, out error);
        if (backing.IsInvalid)
        {
            return null;
        }

        var handle = FileCalls.Open(device, Libc.O_RDWR, out error);
        if (!handle.IsInvalid)
        {
            var config = new loop_config
            {
                fd = (uint)backing.Fd,
                info = new loop_info64 { lo_offset = (ulong)offset, lo_sizelimit = (ulong)length, lo_flags = Libc.LO_FLAGS_AUTOCLEAR },
            };
            error = Configure(handle, backing, ref config);
            if (error == 0)
            {
                return handle;
            }
        }

        handle.Dispose();
        return null;
    }

    public static string Reason(int error) => FileCalls.Reason(error);

    // In one step where the kernel has it (5.8).
    private static int Configure(FdHandle device, FdHandle backing, ref loop_config config)
    {
        fixed (loop_config* all = &config)
        {
            var result = FileCalls.Result(Libc.ioctl(device, Libc.LOOP_CONFIGURE, all));
            if (result is not (-Errno.EINVAL or -Errno.ENOTTY))
            {
                return -result;
            }

            result = FileCalls.Result(Libc.ioctl(device, Libc.LOOP_SET_FD, (void*)backing.Fd));
            if (result < 0)
            {
                return -result;
            }

            result = FileCalls.Result(Libc.ioctl(device, Libc.LOOP_SET_STATUS64, &all->info));
            if (result < 0)
            {
                Libc.ioctl(device, Libc.LOOP_CLR_FD, null);
            }

            return -result;
        }
    }
}
