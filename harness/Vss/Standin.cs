using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>
/// The stand-in for vssapi.dll in this process, which runs under Wine: what it is told by its environment, and the calls it
/// has seen. <c>harness/Vss/standin/standin.h</c> says what can be told.
/// </summary>
internal sealed class Standin : IDisposable
{
    /// <summary>Names the library that <c>harness/Vss/standin/build</c> made.</summary>
    public const string Variable = "TIDEMARK_VSS_STANDIN";

    private static readonly string[] Settings = ["LOG", "DEVICES", "FAIL", "PENDING", "WRITERS", "BUSY", "UNSUPPORTED"];

    private readonly TempFolder folder;

    public Standin()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Needs Windows, or Wine.");
        Library = Environment.GetEnvironmentVariable(Variable) ?? "";
        Assert.SkipWhen(Library.Length == 0, $"{Variable} doesn't name the stand-in for vssapi.dll (harness/Vss/standin/build makes it).");
        folder = new TempFolder("vss");
        Log = folder.At("calls.log");
        Set("LOG", Log);
        Set("DEVICES", @"\\.\X:;\\.\Y:");
        Set("WRITERS", "SqlServerWriter;NTDS");
    }

    public string Library { get; }

    public string Log { get; }

    /// <summary>Every call so far, with its arguments.</summary>
    public string[] Calls => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    /// <summary>The names of the calls so far, without those that only ask.</summary>
    public string[] Steps => [.. Calls.Select(call => call.Split(' ')[0])
        .Where(name => !name.EndsWith(".Release", StringComparison.Ordinal) && !name.Contains("Count", StringComparison.Ordinal)
            && name is not ("GetWriterMetadata" or "GetIdentity" or "GetWriterStatus" or "FreeWriterStatus" or "VssFreeSnapshotProperties"))];

    public static void Set(string name, string? value) => Environment.SetEnvironmentVariable($"VSS_STANDIN_{name}", value);

    public VssSnapshotProvider Provider(VssBackupType type = VssBackupType.Copy, TimeProvider? time = null) =>
        new(type, time ?? TimeProvider.System, Library);

    public SnapshotSet Hold(
        string[]? volumes = null, VssBackupType type = VssBackupType.Copy, TimeProvider? time = null, IRunObserver? observer = null,
        CancellationToken cancellation = default) =>
        Provider(type, time).Hold(volumes ?? [@"C:\"], observer ?? new RecordingObserver(), cancellation);

    /// <summary>
    /// What must be so however a run ended: nothing called that doesn't belong, nothing out of order, every interface and
    /// structure given back, and no snapshot left.
    /// </summary>
    public void AssertCleanEnd(int objects = 1)
    {
        Assert.DoesNotContain(Calls, call => call.StartsWith("UNEXPECTED", StringComparison.Ordinal));
        Assert.DoesNotContain(Calls, call => call.StartsWith("OUT OF ORDER", StringComparison.Ordinal));
        var ends = Calls.Where(call => call.StartsWith("Release ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(objects, ends.Length);
        Assert.All(ends, end => Assert.Equal("Release asyncs=0 metadata=0 properties=0 snapshots=none", end));
        Assert.Equal(ends[^1], Calls[^1]);
    }

    public void Dispose()
    {
        foreach (var setting in Settings)
        {
            Set(setting, null);
        }

        folder.Dispose();
    }
}

/// <summary>What tells the stand-in is of the whole process, so these tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class StandinTests
{
    public const string Name = "VSS stand-in";
}
