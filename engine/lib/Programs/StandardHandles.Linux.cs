using System.Globalization;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux calls behind <see cref="StandardHandles"/>.</summary>
internal static class StandardHandleCalls
{
    /// <summary>Standard input, output and error (stdin(3)).</summary>
    private const int Streams = 3;

    private const string Nowhere = "/dev/null";

    public static void Ensure()
    {
        var taken = false;
        for (var stream = 0; stream < Streams; stream++)
        {
            var flags = Libc.fcntl(stream, Libc.F_GETFD, 0);
            if (flags < 0)
            {
                OpenNowhere(stream);
            }
            else if ((flags & Libc.FD_CLOEXEC) != 0 && !IsNowhere(stream))
            {
                // Nobody hands such a descriptor down, since it would have been closed: the runtime opened it.
                taken = true;
            }
        }

        if (taken)
        {
            BeginAnew();
        }
    }

    // The lowest free number is the one that is missing, unless another thread of the runtime was faster.
    private static void OpenNowhere(int stream)
    {
        var opened = Libc.open(Nowhere, Libc.O_RDWR, 0);
        if (opened >= Streams)
        {
            Libc.close(opened);
        }
    }

    private static bool IsNowhere(int stream)
    {
        try
        {
            return File.ResolveLinkTarget(Path(stream), returnFinalTarget: false)?.FullName == Nowhere;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Path(int stream) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{stream}");

    /// <summary>
    /// Runs the same program with the same arguments in this process's place. Where that can't be done the run goes on:
    /// its words are lost then, or confuse the runtime, but no file of ours has the number.
    /// </summary>
    private static unsafe void BeginAnew()
    {
        byte[] words;
        try
        {
            words = File.ReadAllBytes("/proc/self/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        var count = words.AsSpan().Count((byte)0);
        var nowhere = Libc.open(Nowhere, Libc.O_RDWR, 0);
        if (count == 0 || nowhere < 0)
        {
            return;
        }

        RemoveDiagnosticsSocket();
        for (var stream = 0; stream < Streams; stream++)
        {
            if ((Libc.fcntl(stream, Libc.F_GETFD, 0) & Libc.FD_CLOEXEC) != 0)
            {
                // Also where it wasn't open at all: -1 has every bit.
                Libc.dup2(nowhere, stream);
            }
        }

        Libc.fcntl(nowhere, Libc.F_SETFD, nowhere < Streams ? 0 : Libc.FD_CLOEXEC);
        fixed (byte* first = words)
        {
            var arguments = new byte*[count + 1];
            var at = first;
            for (var i = 0; i < count; i++)
            {
                arguments[i] = at;
                while (*at++ != 0)
                {
                }
            }

            fixed (byte** all = arguments)
            {
                Libc.execv("/proc/self/exe", all);
            }
        }
    }

    /// <summary>
    /// The runtime names the socket of its diagnostics port by process and start time, which stay the same: the old one
    /// would keep the new one from being made.
    /// </summary>
    private static void RemoveDiagnosticsSocket()
    {
        try
        {
            var pattern = string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{Environment.ProcessId}-*-socket");
            foreach (var socket in Directory.GetFiles(System.IO.Path.GetTempPath(), pattern))
            {
                File.Delete(socket);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then this run can't be traced, which is said where it is asked for.
        }
    }
}
