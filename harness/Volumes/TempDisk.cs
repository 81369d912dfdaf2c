using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>A folder of its own with disk images, loop devices and mounts that all go away at the end.</summary>
internal sealed class TempDisk : IDisposable
{
    /// <summary>A machine has eight from the start, as a rule; parallel tests may have made more.</summary>
    private const int LoopDevices = 32;

    private readonly Stack<(string Tool, string[] Arguments)> undo = new();

    public TempDisk(long length)
    {
        Folder = Directory.CreateTempSubdirectory("tidemark-volumes-").FullName;
        Image = NewFile("disk.img", length);
    }

    public string Folder { get; }

    public string Image { get; }

    public string NewFile(string name, long length)
    {
        var path = Path.Combine(Folder, name);
        using var file = File.Create(path);
        file.SetLength(length);
        return path;
    }

    /// <summary>Attaches a file to a loop device and returns the device's path.</summary>
    public string Attach(string file, params string[] options)
    {
        Tool.NeedRoot();
        for (var number = 0; number < LoopDevices; number++)
        {
            // Not "losetup -f": it takes the first unused device and no other, though someone may hold that open for
            // himself, and then nobody on the machine gets one.
            var device = $"/dev/loop{number}";
            if (File.Exists(device) && Tool.TryRun("losetup", [.. options, device, file]).Code == 0)
            {
                undo.Push(("losetup", ["-d", device]));
                return device;
            }
        }

        // Beyond those that there are, it makes a new one.
        var made = Tool.Run("losetup", ["-f", "--show", .. options, file]).Trim();
        undo.Push(("losetup", ["-d", made]));
        return made;
    }

    /// <summary>
    /// The same with the disk's partitions, which a kernel without partition tables has to be told by partx.
    /// </summary>
    public string AttachWithPartitions(string file, params string[] options)
    {
        var device = Attach(file, ["-P", .. options]);
        if (!File.Exists(device + "p1"))
        {
            Tool.Run("partx", "-a", device);
        }

        if (!File.Exists(device + "p1"))
        {
            Assert.Skip($"No device file appears for {device}p1.");
        }

        return device;
    }

    /// <summary>Mounts a device in a new folder and returns that.</summary>
    public string Mount(string device, string name, params string[] options)
    {
        Tool.NeedRoot();
        var point = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        Tool.Run("mount", [.. options, device, point]);
        undo.Push(("umount", [point]));
        return point;
    }

    public void Dispose()
    {
        while (undo.TryPop(out var step))
        {
            Tool.TryRun(step.Tool, step.Arguments);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
