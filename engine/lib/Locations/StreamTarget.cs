using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>Standard output, or another stream that this process was given, as what a volume is written to byte for byte.</summary>
internal static class StreamTarget
{
    private const int Input = 0;
    private const int Error = 2;

    public const int Output = 1;

    /// <summary>The descriptor that a path stands for; null for a file, device or folder.</summary>
    public static int? DescriptorOf(string path) => path == OutputPath.Stream ? Output : RealPath.Of(path).Descriptor;

    /// <summary>Opens the stream that a path stands for.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="descriptor">Its descriptor.</param>
    /// <param name="length">Bytes that will be written.</param>
    /// <exception cref="TidemarkException">Nothing can be written there.</exception>
    public static StreamDevice Open(string path, int descriptor, long length)
    {
        if (descriptor is Input or Error)
        {
            throw TidemarkException.WrongUse(descriptor == Error
                ? $"{path} is where messages go. Give - for standard output, or a file."
                : $"{path} is standard input, and nothing can be written there. Give - for standard output, or a file.");
        }

        if (descriptor == Output && !Console.IsOutputRedirected)
        {
            throw TidemarkException.WrongUse("Standard output is a terminal. Send it to a program or a file, or give the name of a file.");
        }

        var place = $"/proc/self/fd/{descriptor}";
        if (OperatingSystem.IsLinux() && PathStatus.TryOf(place) is { Kind: PathKind.BlockDevice })
        {
            throw TidemarkException.WrongUse(
                $"{path} is a block device ({RealPath.LinkOf(place)}), and through a stream nothing could be checked before it is overwritten. Give the device itself.");
        }

        try
        {
            var stream = descriptor == Output && OperatingSystem.IsWindows()
                ? Console.OpenStandardOutput()
                : new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return new StreamDevice(stream, path == OutputPath.Stream ? "standard output" : path, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw TidemarkException.WrongUse($"{path} can't be written to: {e.Message.TrimEnd('.')}. Give - for standard output, or a file.");
        }
    }
}
