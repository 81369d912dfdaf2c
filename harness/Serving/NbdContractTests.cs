using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Harness.Devices;
using Tidemark.Harness.Io;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Serving;

/// <summary>An export of this program's own server as a device.</summary>
public class NbdDeviceContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var place = new NbdPlace(new MemoryDevice(length));
        keeper = place;
        return place.Open();
    }
}

/// <summary>An export of nbdkit, which tells holes and takes zeros.</summary>
public class NbdkitDeviceContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper) => NbdkitPlace.Open(length, [], out keeper);
}

/// <summary>An export that wants whole sectors and knows neither zeros nor block status.</summary>
public class NbdSectorContractTests : BlockDeviceContract
{
    protected override int LengthUnit => 512;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper) => NbdkitPlace.Open(
        length,
        ["--no-sr", "--filter=blocksize-policy", "--filter=nozero", "--filter=noextents"],
        out keeper,
        ["blocksize-minimum=512", "blocksize-preferred=4096", "blocksize-maximum=64k", "blocksize-error-policy=error"]);
}

/// <summary>The queue of an export of this program's own server.</summary>
public class NbdQueueTests : IoQueueContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var place = new NbdPlace(new MemoryDevice(length));
        keeper = place;
        return place.Open();
    }
}

/// <summary>The queue of an export of nbdkit that takes less at a time than a buffer has.</summary>
public class NbdkitQueueTests : IoQueueContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper) => NbdkitPlace.Open(
        length, ["--filter=blocksize-policy"], out keeper,
        ["blocksize-minimum=1", "blocksize-preferred=4096", "blocksize-maximum=8k", "blocksize-error-policy=error"]);
}

internal sealed class NbdkitPlace : IDisposable
{
    private readonly TempFolder folder = new("nbdkit");
    private BackgroundTool? server;

    public static NbdDevice Open(int length, string[] options, out IDisposable keeper, string[]? more = null)
    {
        OnlyOn.Linux();
        Tool.Require("nbdkit");
        var place = new NbdkitPlace();
        keeper = place;
        var socket = place.folder.At("s");
        place.server = BackgroundTool.StartAt(
            socket, "nbdkit", ["-f", "--unix", socket, .. options, "memory", FormattableString.Invariant($"size={length}"), .. more ?? []]);
        return NbdDevice.Open(new NbdAddress(null, 0, socket, ""), write: true);
    }

    public void Dispose()
    {
        server?.Dispose();
        folder.Dispose();
    }
}
