using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>
/// Every byte of every structure, flipped: the disk is refused with a clear message, or fails to read where its tables
/// are wrong, or reads something; never anything else. Where a checksum covers the byte, content is never wrong.
/// </summary>
public class CorruptionTests
{
    private const int MiB = 1 << 20;

    /// <summary>What one open and read may take from the heap: tables, a log, and the test's own buffers.</summary>
    private const long MaxAllocated = 16 * MiB;

    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");

    private enum Outcome
    {
        Intact,
        Refused,
        ReadError,
        OtherContent,
    }

    [Fact]
    public void Every_byte_of_a_VHDs_footer_and_header_is_covered()
    {
        var (file, content) = Vhd(differencing: false);

        // The copy of the footer is never looked at while the footer is sound, and serves when it isn't.
        Flip(file, content, 0, 512, Outcome.Intact);
        Flip(file, content, file.Length - 512, 512, Outcome.Intact);
        Flip(file, content, 512, 1024, Outcome.Refused);
        Flip(file, content, 1536, 64, Outcome.Intact, Outcome.ReadError, Outcome.OtherContent);
        (file, content) = Vhd(differencing: true);
        Flip(file, content, 512, 1024, Outcome.Refused);
    }

    [Fact]
    public void A_fixed_VHD_without_a_sound_footer_is_refused()
    {
        var content = Disks.Pattern(64 << 10, 1);
        var builder = new VhdBuilder(content.Length, Id);
        builder.Write(0, content);

        // Without its cookie it isn't a VHD at all.
        Flip(builder.BuildFixed(), content, content.Length + 8, 504, Outcome.Refused);
    }

    [Fact]
    public void Every_byte_of_a_VHDXs_structures_may_be_wrong()
    {
        var (file, content) = Vhdx(dirty: false);
        Flip(file, content, (int)VhdxHeader.FirstOffset, 128, Outcome.Intact);
        Flip(file, content, (int)VhdxHeader.FirstOffset + 128, VhdxHeader.Size - 128, Outcome.Intact, step: 61);
        Flip(file, content, (int)VhdxRegionTable.FirstOffset, 128, Outcome.Intact);
        Flip(file, content, (int)VhdxRegionTable.FirstOffset + 128, VhdxRegionTable.Size - 128, Outcome.Intact, step: 997);
        Outcome[] any = [Outcome.Intact, Outcome.Refused, Outcome.ReadError, Outcome.OtherContent];
        Flip(file, content, VhdxBuilder.MetadataOffset, 256, any);
        Flip(file, content, VhdxBuilder.MetadataOffset + VhdxMetadataTable.Size, 64, any);
        Flip(file, content, VhdxBuilder.BatOffset, 64, any);

        // With their twins gone, nothing but a refusal is left.
        file.AsSpan((int)VhdxHeader.SecondOffset, VhdxHeader.Size).Clear();
        Flip(file, content, (int)VhdxHeader.FirstOffset, 128, Outcome.Refused);
        (file, content) = Vhdx(dirty: false);
        file.AsSpan((int)VhdxRegionTable.SecondOffset, VhdxRegionTable.Size).Clear();
        Flip(file, content, (int)VhdxRegionTable.FirstOffset, 128, Outcome.Refused);
    }

    [Fact]
    public void Every_byte_of_a_log_entry_is_covered()
    {
        // One entry: without it there is no sequence, and the file can't be believed.
        var (file, content) = Vhdx(dirty: true);
        Flip(file, content, VhdxBuilder.LogOffset, 256, Outcome.Refused);
        Flip(file, content, VhdxBuilder.LogOffset + 256, (3 * 4096) - 256, Outcome.Refused, step: 37);
    }

    [Fact]
    public void A_parent_locator_may_hold_anything()
    {
        var builder = new VhdxBuilder(2 * MiB)
        {
            Parent = VhdxTests.Locator(Id, "base.vhdx"),
        };
        var file = builder.Build();
        var parent = new VhdxBuilder(2 * MiB) { DataWriteGuid = Id }.Build();
        var start = VhdxBuilder.MetadataOffset + VhdxMetadataTable.Size;
        for (var at = start; at < start + 320; at++)
        {
            foreach (var mask in (byte[])[1, 0x80, 0xFF])
            {
                file[at] ^= mask;
                _ = Try(file, new byte[2 * MiB], Disks.From(("base.vhdx", parent)));
                file[at] ^= mask;
            }
        }
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused_or_reads_in_part()
    {
        foreach (var (file, content) in new[] { Vhd(false), Vhdx(false), Vhdx(true) })
        {
            var random = new Random(1);
            for (var i = 0; i < 40; i++)
            {
                Try(file[..random.Next(file.Length)], content);
            }
        }
    }

    [Fact]
    public void Random_bytes_behind_a_cookie_are_refused()
    {
        var random = new Random(7);
        for (var i = 0; i < 30; i++)
        {
            var file = new byte[2 * MiB];
            random.NextBytes(file);
            "vhdxfile"u8.CopyTo(file);
            Assert.Equal(Outcome.Refused, Try(file, []));
            "conectix"u8.CopyTo(file);
            Assert.Equal(Outcome.Refused, Try(file, []));
        }
    }

    private static void Flip(byte[] file, byte[] content, int start, int length, params Outcome[] allowed) =>
        Flip(file, content, start, length, allowed, 1);

    private static void Flip(byte[] file, byte[] content, int start, int length, Outcome allowed, int step) =>
        Flip(file, content, start, length, [allowed], step);

    private static void Flip(byte[] file, byte[] content, int start, int length, Outcome[] allowed, int step)
    {
        for (var at = start; at < start + length; at += step)
        {
            foreach (var mask in (byte[])[1, 0x80])
            {
                file[at] ^= mask;
                var outcome = Try(file, content);
                file[at] ^= mask;
                Assert.True(allowed.Contains(outcome), $"byte {at} ^ {mask:X2}: {outcome}");
            }
        }
    }

    private static Outcome Try(byte[] file, byte[] content, ParentOpener? openParent = null)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = Look(file, content, openParent ?? Disks.NoParents);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        return outcome;
    }

    private static Outcome Look(byte[] file, byte[] content, ParentOpener openParent)
    {
        try
        {
            if (!VirtualDisk.TryOpen(new BytesDevice(file), openParent, out var disk))
            {
                return Outcome.Refused;
            }

            long end = 0;
            for (var i = 0; i < 1000 && end < disk!.Length; i++)
            {
                end = disk.ExtentAt(end).End;
            }

            var read = new byte[(int)Math.Min(disk!.Length, 3 * MiB)];
            disk.ReadAt(0, read);
            return disk.Length == content.Length && read.AsSpan().SequenceEqual(content)
                ? Outcome.Intact
                : Outcome.OtherContent;
        }
        catch (DeviceIoException)
        {
            return Outcome.ReadError;
        }
        catch (TidemarkException e)
        {
            Assert.NotEmpty(e.Message);
            return Outcome.Refused;
        }
    }

    private static (byte[] File, byte[] Content) Vhd(bool differencing)
    {
        var content = new byte[256 << 10];
        Disks.Pattern(100 << 10, 1).CopyTo(content, 512);
        var builder = new VhdBuilder(content.Length, Id)
        {
            ParentId = differencing ? new Guid("aa112233-4455-6677-8899-aabbccddeeff") : null,
            ParentNames = differencing ? [(VhdParentLocator.RelativeWindowsPath, "base.vhd")] : [],
        };
        builder.Write(512, content.AsSpan(512, 100 << 10));
        return (builder.BuildDynamic(), content);
    }

    private static (byte[] File, byte[] Content) Vhdx(bool dirty)
    {
        var logId = dirty ? new Guid("BBBBBBBB-0000-0000-0000-000000000001") : Guid.Empty;
        var content = new byte[2 * MiB];
        Disks.Pattern(MiB, 1).CopyTo(content, 0);
        var builder = new VhdxBuilder(content.Length) { LogGuid = logId };
        builder.Write(0, content.AsSpan(0, MiB));
        var file = builder.Build();
        if (dirty)
        {
            var data = Disks.Pattern(8192, 9);
            new VhdxLogBuilder(file, logId).Append((5 * MiB, data, 0));
            data.CopyTo(content, 0);
        }

        return (file, content);
    }
}
