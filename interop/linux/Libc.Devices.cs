using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Controls of block devices (linux/fs.h; numbers of the 64-bit architectures).
public static unsafe partial class Libc
{
    /// <summary>_IO(0x12,95): reads the partition table anew; takes nothing.</summary>
    public const nuint BLKRRPART = 0x125F;

    /// <summary>_IO(0x12,97): writes back and forgets what is cached; takes nothing.</summary>
    public const nuint BLKFLSBUF = 0x1261;

    /// <summary>_IO(0x12,104): logical sector size, int.</summary>
    public const nuint BLKSSZGET = 0x1268;

    /// <summary>_IO(0x12,122): by how many bytes the start of the device is off its natural alignment, int.</summary>
    public const nuint BLKALIGNOFF = 0x127A;

    /// <summary>_IO(0x12,123): physical sector size, unsigned int.</summary>
    public const nuint BLKPBSZGET = 0x127B;

    /// <summary>_IO(0x12,119): discards a range; takes two u64, start and length, multiples of the logical sector.</summary>
    public const nuint BLKDISCARD = 0x1277;

    /// <summary>_IO(0x12,127): zeroes a range; takes two u64, start and length, multiples of the logical sector.</summary>
    public const nuint BLKZEROOUT = 0x127F;

    /// <summary>_IOR(0x12,114,size_t): size in bytes, u64.</summary>
    public const nuint BLKGETSIZE64 = 0x80081272;

    /// <summary>Loop devices (linux/loop.h): takes a file's descriptor.</summary>
    public const nuint LOOP_SET_FD = 0x4C00;

    /// <summary>Detaches; takes nothing.</summary>
    public const nuint LOOP_CLR_FD = 0x4C01;

    /// <summary>Takes a <see cref="loop_info64"/>.</summary>
    public const nuint LOOP_SET_STATUS64 = 0x4C04;

    /// <summary>Takes a <see cref="loop_config"/>; Linux 5.8.</summary>
    public const nuint LOOP_CONFIGURE = 0x4C0A;

    /// <summary>Of /dev/loop-control: returns the number of a free device.</summary>
    public const nuint LOOP_CTL_GET_FREE = 0x4C82;

    public const uint LO_FLAGS_AUTOCLEAR = 4;
    public const int LO_NAME_SIZE = 64;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(FdHandle fd, nuint request, void* argp);
}
