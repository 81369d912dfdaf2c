using System.Text;
using Tidemark.Engine.Serving;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of small files and texts around a chain: locks, overlays, markers, lists of the system and of tools.</summary>
internal static class PlaceSeeds
{
    private const int VolumeBytes = 60_000;

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        yield return ("owner", "usual", new LockOwner
        {
            Token = SeedChain.ChainId,
            Machine = "0123456789abcdef0123456789abcdef",
            Host = "server",
            Boot = "-",
            Space = "4026531836",
            Process = 4711,
            Started = 123456,
            Since = time,
            Seen = time.AddSeconds(10),
            Beat = 1,
        }.ToBytes());
        var page = new byte[RestoreMarker.Size];
        new RestoreMarker(SeedChain.ChainId, SeedChain.ChainId, 3, 0, 1 << 30).Write(page);
        yield return ("marker", "usual", page);
        yield return ("overlay", "new", Overlay([]));
        yield return ("overlay", "written", Overlay([0b0010_0100, 0b0000_0001]));
        yield return ("mounts", "usual", Encoding.UTF8.GetBytes(
            "22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n"
            + "30 22 0:45 / /mnt/with\\040space ro - fuse.ntfs-3g /dev/sdb1 ro,user_id=0\n"
            + "31 22 0:50 / /over rw - overlay overlay rw,lowerdir=/low,upperdir=/up,workdir=/work\n\0"
            + "Filename\tType\tSize\tUsed\tPriority\n/swap\\040file file 1 0 -2\n\0/mnt/tuesday\n/backup/disk@3\n4711\n123456\0UUID=1 /mnt/usb ext4 nofail 0 2\n"));
        yield return ("listing", "usual", Encoding.UTF8.GetBytes(
            "0|/etc|12|d/drwxr-xr-x|0|0|4096|1700000000|1700000000|1700000000|1700000000\n"
            + "0|/a|b|13|r/rrwsr-xr-t|1000|1000|17|1700000000|1700000000|1700000000|0\n"
            + "0|/link -> there|14|l/lrwxrwxrwx|0|0|5|1700000000|1700000000|1700000000|0\n"
            + "0|/name:stream|5-128-3|r/rrwxrwxrwx|0|0|9|1|1|1|1\n"));
        yield return ("console", "usual", "\e[2J\e[01;01HBooting...\r\n[    0.0] Linux version\r\nlogin: \x07"u8.ToArray());
        yield return ("screen", "usual", [.. "P6\n4 2\n255\n"u8, .. new byte[24]]);
    }

    private static byte[] Overlay(ReadOnlySpan<byte> map)
    {
        var header = new OverlayHeader(OverlayHeader.MinChunk, VolumeBytes, SeedChain.ChainId, SeedChain.ChainId, 0);
        var file = new byte[header.DataOffset + (map.Length > 0 ? OverlayHeader.MinChunk * 5 : 0)];
        header.ToBytes().CopyTo(file, 0);
        map.CopyTo(file.AsSpan((int)OverlayHeader.MapOffset));
        return file;
    }
}
