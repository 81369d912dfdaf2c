using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Volume groups on loop devices, made by lvm2 without the device mapper: nothing of them is ever active.</summary>
internal sealed class LvmGroupMaker : IDisposable
{
    private readonly TempFolder folder;
    private readonly List<LoopDevice> devices = [];
    private readonly string name = $"tidemark{Guid.NewGuid():N}";

    public LvmGroupMaker(TempFolder folder, params string[] images)
    {
        Root.Require();
        Tool.Require("lvm");
        this.folder = folder;
        devices.AddRange(images.Select(image => LoopDevice.Attach(image)));
        var only = string.Join(',', devices.Select(device => $"\"a|^{device.Path}$|\"").Append("\"r|.*|\""));
        File.WriteAllText(
            Path.Combine(folder.Folder("lvm"), "lvm.conf"),
            $$"""
            devices { filter=[{{only}}] use_devicesfile=0 }
            activation { udev_sync=0 udev_rules=0 }
            backup { backup=0 archive=0 }
            global { event_activation=0 use_lvmpolld=0 locking_dir="{{folder.At("lvm")}}" }
            """);
        foreach (var device in devices)
        {
            Run("pvcreate", device);
        }

        Run("vgcreate", ["-s", "1m", name, .. devices.Select(device => device.Path)]);
    }

    /// <summary>The path of a device.</summary>
    public string Device(int index) => devices[index];

    public void Create(string volume, params string[] options) =>
        Run("lvcreate", ["-y", "-an", "-Zn", "-Wn", "-n", volume, .. options[..^1], name, .. options[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    public void Extend(string volume, string extents) => Run("lvextend", "-l", extents, $"{name}/{volume}");

    public void Remove(string volume) => Run("lvremove", "-y", $"{name}/{volume}");

    /// <summary>Changes the group's description as lvm2 itself would not without the device mapper; it checks what it is given.</summary>
    public void Describe(Func<string, string> change)
    {
        var file = folder.At($"{name}.txt");
        Run("vgcfgbackup", "-f", file, name);
        File.WriteAllText(file, change(File.ReadAllText(file)));
        Run("vgcfgrestore", "-y", "--force", "-f", file, name);
    }

    /// <summary>Runs of extents of a device: which volume has them, from which of its extents on; none are free.</summary>
    public IReadOnlyList<(long First, long Count, string Volume, long Logical)> Segments(int index)
    {
        var result = Run(
            "pvs", "--segments", "--noheadings", "--separator", "|", "-o", "pvseg_start,pvseg_size,lv_name,seg_start_pe", devices[index]);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split('|')).Select(fields => (
            Number(fields[0]), Number(fields[1]), fields[2], fields[3].Length == 0 ? 0 : Number(fields[3])))];
    }

    public void Dispose()
    {
        foreach (var device in devices)
        {
            device.Flush();
            device.Dispose();
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private ToolResult Run(string command, params string[] options)
    {
        var result = Tool.Start(
            "lvm", [command, "--driverloaded", "n", .. options], Patience.Limit,
            environment: new Dictionary<string, string?> { ["LVM_SYSTEM_DIR"] = folder.At("lvm"), ["LVM_SUPPRESS_FD_WARNINGS"] = "1" });
        Assert.True(result.ExitCode == 0, $"{result.Command}\n{result.Output}\n{result.Error}");
        return result;
    }
}
