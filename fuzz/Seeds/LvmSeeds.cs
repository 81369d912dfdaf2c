using System.Buffers.Binary;
using System.Text;
using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Physical volumes of LVM2 with what an input of <see cref="LvmMapTarget"/> has; checksums are left to that.</summary>
internal static class LvmSeeds
{
    private const string Id = "0123456789abcdef0123456789ABCDEF";

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("lvm-map", "linear", Volume(
            """
            root { id="a" status=["READ","WRITE","VISIBLE"] flags=[] segment_count=2
             segment1 { start_extent=0 extent_count=8 type="striped" stripe_count=1 stripes=["pv0", 4] }
             segment2 { start_extent=8 extent_count=4 type="striped" stripe_count=1 stripes=["pv0", 20] } }
            """));
        yield return ("lvm-map", "striped", Volume(
            """
            both { id="b" status=["READ","VISIBLE"] flags=[] segment_count=1
             segment1 { start_extent=0 extent_count=8 type="striped" stripe_count=2 stripe_size=8 stripes=["pv0", 0, "pv0", 8] } }
            snap { id="c" status=["READ","VISIBLE"] flags=[] segment1 { start_extent=0 extent_count=8 type="snapshot" origin="both" cow_store="cow" } }
            """));
        yield return ("lvm-map", "no-volumes", Volume(""));
    }

    private static byte[] Volume(string volumes)
    {
        var text =
            $$"""
            group { # made by hand
            id = "g"
            seqno = 3
            format = "lvm2"
            status = ["RESIZEABLE", "READ"]
            flags = []
            extent_size = 16
            physical_volumes { pv0 { id = "{{Id}}" device = "/dev/\"x" status = ["ALLOCATABLE"] pe_start = 128 pe_count = 32 } }
            {{(volumes.Length > 0 ? $"logical_volumes {{\n{volumes}\n}}" : "")}}
            }
            contents = "Text Format Volume Group"
            version = 1
            creation_time = 1.5
            """;
        var (label, header) = (new byte[LvmMapTarget.Sector], new byte[LvmMapTarget.Sector]);
        Encoding.ASCII.GetBytes("LABELONE").CopyTo(label, 0);
        label[8] = 1;
        label[20] = 32;
        Encoding.ASCII.GetBytes("LVM2 001" + Id).CopyTo(label, 24);
        Long(label, 64, LvmMapTarget.Length);
        Long(label, 72, 128 * 512);
        Long(label, 104, LvmMapTarget.HeaderAt);
        Long(label, 112, (128 * 512) - LvmMapTarget.HeaderAt);
        label[136] = 2;
        Encoding.ASCII.GetBytes(" LVM2 x[5A%r0N*>").CopyTo(header, 4);
        header[20] = 1;
        Long(header, 24, LvmMapTarget.HeaderAt);
        Long(header, 32, (128 * 512) - LvmMapTarget.HeaderAt);
        Long(header, 40, LvmMapTarget.Sector);
        return [.. label, .. header, .. Encoding.ASCII.GetBytes(text)];
    }

    private static void Long(byte[] bytes, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
}
