using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>
/// A machine as README.md supposes it, in a folder of one test: <c>/backup</c>, <c>/dev</c>, <c>/etc</c>, <c>/mnt</c>, <c>/run</c> and
/// <c>/tmp</c> are folders there, and a command says these where the README says those; all else of it stays as it is, and
/// a shell reads it. For root, devices are loop devices; else they are files.
/// </summary>
internal sealed partial class ReadmeSandbox : IDisposable
{
    /// <summary>A chain of the volume /dev/sdb1, and one of the disk /dev/sdb, by the names the README gives them.</summary>
    public const string VolumeChain = "/backup/sdb1-1b4e28ba";
    public const string DiskChain = "/backup/sdb-1b4e28ba";

    private readonly TempFolder folder = new("readme");
    private readonly Dictionary<string, (LoopDevice? Loop, string File)> devices = [];
    private readonly List<RunningExample> running = [];

    public ReadmeSandbox(string example)
    {
        Example = example;
        foreach (var name in new[] { "backup", "dev", "disks", "etc", "mnt", "run", "tmp", "work", "bin" })
        {
            folder.Folder(name);
        }

        var (program, leading) = TidemarkCli.Command;
        Script(folder.At("bin", "tidemark"), string.Join(' ', [program, .. leading]));
    }

    /// <summary>What the README says.</summary>
    public string Example { get; }

    /// <summary>What the example said when it ran first, with the README's own paths; null before.</summary>
    public string? Said { get; private set; }

    /// <summary>Where an NBD server of the host "storage" would listen.</summary>
    public int StoragePort { get; set; }

    /// <summary>What a path of the README stands for; a relative one is in the folder where commands run.</summary>
    public string At(string path) => path.StartsWith('/') ? folder.At(path[1..]) : folder.At("work", path);

    /// <summary>Whether something is there.</summary>
    public bool Has(string path) => File.Exists(At(path)) || Directory.Exists(At(path));

    /// <summary>A program's script in the folder where commands run, or anywhere.</summary>
    public static void Script(string path, string command)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\nexec {command} \"$@\"\n");
        Tool.Run("chmod", "755", path);
    }

    /// <summary>A device with what a file holds, which is moved.</summary>
    public void AddDevice(string path, string file)
    {
        if (Root.Is && File.Exists("/dev/loop-control"))
        {
            var loop = LoopDevice.Attach(file);
            File.CreateSymbolicLink(At(path), loop.Path);
            devices.Add(path, (loop, file));
        }
        else
        {
            File.CreateSymbolicLink(At(path), file);
            devices.Add(path, (null, file));
        }
    }

    /// <summary>An empty device of that many bytes.</summary>
    public void AddDevice(string path, long length) => AddDevice(path, folder.Sparse(Path.Combine("disks", path[1..].Replace('/', '-')), length));

    /// <summary>The file behind a device, with everything that was written to it.</summary>
    public string ContentOf(string device)
    {
        devices[device].Loop?.Flush();
        return devices[device].File;
    }

    /// <summary>Runs the example, whose last command ends with one of the exit codes.</summary>
    /// <returns>What it said.</returns>
    public string Run(params int[] exitCodes)
    {
        var said = Run(Example, exitCodes);
        Said ??= said.Replace(folder.Path, "", StringComparison.Ordinal);
        return said;
    }

    /// <summary>Runs another command of the README's machine.</summary>
    public string Run(string command, params int[] exitCodes)
    {
        var result = Tool.Try("sh", "-c", Shell(command)).EndedWith(exitCodes.Length == 0 ? [0] : exitCodes);
        return result.Output + result.Error;
    }

    /// <summary>Starts a command, the example by default, and waits for its first line.</summary>
    public RunningExample Start(string? command = null)
    {
        var started = new RunningExample(Shell($"exec {command ?? Example}"));
        running.Add(started);
        return started;
    }

    public static void SameBytes(string path, string other) => Tool.Run("cmp", path, other);

    public void Dispose()
    {
        running.ForEach(r => r.Dispose());
        foreach (var (_, (loop, _)) in devices)
        {
            loop?.Dispose();
        }

        folder.Dispose();
    }

    private string Shell(string command) => $"PATH='{At("/bin")}':$PATH; export PATH; cd '{folder.At("work")}' && {Translate(command)}";

    private string Translate(string command) => Absolute().Replace(command, match => folder.At(match.Groups["path"].Value))
        .Replace("//storage/", FormattableString.Invariant($"//127.0.0.1:{StoragePort}/"), StringComparison.Ordinal);

    // Not within a path or an address, only at the beginning of one.
    [GeneratedRegex(@"(?<![\w.:/-])/(?<path>(backup|dev|etc|mnt|run|tmp)(?=[/ ']|$))", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Absolute();
}
