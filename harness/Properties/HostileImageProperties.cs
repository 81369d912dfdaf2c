using System.IO.Hashing;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>
/// Damaged and forged images: what is restored is right, or it is said to be damaged; never a crash, a hang or memory
/// without bound.
/// </summary>
public class HostileImageProperties
{
    private static readonly Lazy<Sample> Plain = new(() => new Sample(null, HashAlgorithm.Xxh128));

    private static readonly Lazy<Sample> Encrypted = new(() => new Sample(KeySource.FromKey(new byte[64]), HashAlgorithm.Blake3));

    [SeededProperty(60, all: 150)]
    public void Flipped_bytes_are_told_and_harm_only_their_blocks(int seed, bool encrypted)
    {
        var random = new Random(seed);
        var sample = (encrypted ? Encrypted : Plain).Value;
        var folder = sample.Copy();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var entry = folder.List()[random.Next(folder.List().Count)];
            folder.Content(entry.Name).Flip(random.NextInt64(entry.Length), (byte)random.Next(1, 256));
        }

        Within(() => sample.CheckDamaged(folder));
    }

    [SeededProperty(50, all: 100)]
    public void Files_cut_off_or_gone_or_swapped_are_told(int seed, bool encrypted)
    {
        var random = new Random(seed);
        var sample = (encrypted ? Encrypted : Plain).Value;
        var folder = sample.Copy();
        var entries = folder.List();
        var entry = entries[random.Next(entries.Count)];
        switch (random.Next(4))
        {
            case 0:
                folder.Delete(entry.Name);
                break;
            case 1:
                var other = entries[random.Next(entries.Count)].Name;
                if (other != entry.Name)
                {
                    folder.Rename(entry.Name, "aside");
                    folder.Rename(other, entry.Name);
                    folder.Rename("aside", other);
                }

                break;
            case 2:
                folder.Content(entry.Name).Append(new byte[random.Next(1, 9000)]);
                break;
            default:
                folder.Content(entry.Name).Truncate(random.NextInt64(entry.Length));
                break;
        }

        Within(() => sample.CheckDamaged(folder));
    }

    /// <summary>Checksums are no secret: whoever forges an image puts them right.</summary>
    [SeededProperty(150, all: 400)]
    public void A_forged_image_with_right_checksums_ends_in_a_message_or_a_restore(int seed)
    {
        var random = new Random(seed);
        var sample = Plain.Value;
        var folder = sample.Copy();

        // The first image lies in one file, so its parts can be put right one by one.
        var bytes = Read(folder, ImageNames.Part(1, 0));
        Forgery.Apply(bytes, random);
        folder.Delete(ImageNames.Part(1, 0));
        Write(folder, ImageNames.Part(1, 0), bytes);
        Within(() => Sample.TryAll(folder));
    }

    private static void Within(Action action)
    {
        var task = Task.Run(action);
        try
        {
            Assert.True(task.Wait(Patience.Limit), "it hangs");
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
        }
    }

    private static byte[] Read(StoreFolder folder, string name)
    {
        using var file = folder.OpenRead(name);
        var bytes = new byte[file.Length];
        file.ReadAt(0, bytes);
        return bytes;
    }

    private static void Write(StoreFolder folder, string name, byte[] bytes)
    {
        using var writer = folder.Create(name);
        writer.Append(bytes);
        writer.Complete();
    }

    /// <summary>A chain of five images, one of them in parts, that every case begins with a copy of.</summary>
    private sealed class Sample
    {
        private readonly KeySource? key;
        private readonly MemoryStoreFolder folder;
        private readonly List<byte[]> points = [];

        public Sample(KeySource? key, HashAlgorithm hash)
        {
            this.key = key;
            folder = (MemoryStoreFolder)new MemoryStore().CreateFolder("sample");
            var chain = new ChainFixture(folder, 4096, hash, Codec.Zstd, key, 9);
            var random = new Random(3);
            var device = new MemoryDevice(600_001);
            device.WriteAt(0, FileTree.Content(random, 400_000));
            ImageKind[] kinds = [ImageKind.Full, ImageKind.Incremental, ImageKind.Differential, ImageKind.Incremental, ImageKind.Full];
            foreach (var kind in kinds)
            {
                chain.PartSize = kind == ImageKind.Differential ? ImageFormat.MinPartSize : 0;
                chain.Codec = (Codec)(points.Count % 3);
                chain.Backup(device, kind);
                points.Add(device.Content.ToArray());
                device.WriteAt(random.Next(400_000), FileTree.Content(random, 150_000));
                device.WriteZeros(random.Next(500_000), 50_000);
            }
        }

        public MemoryStoreFolder Copy()
        {
            var copy = (MemoryStoreFolder)new MemoryStore().CreateFolder("copy");
            foreach (var entry in folder.List())
            {
                Write(copy, entry.Name, Read(folder, entry.Name));
            }

            return copy;
        }

        /// <summary>Restores all points: each is right but for what it says is damaged, which is zeros, or refused as damaged.</summary>
        public void CheckDamaged(StoreFolder damaged)
        {
            try
            {
                using var chain = Chain.Load(damaged);
                chain.Unlock(key);
                for (var i = 0; i < points.Count; i++)
                {
                    CheckPoint(chain, i);
                }
            }
            catch (TidemarkException e)
            {
                Assert.Contains(e.Error, new[] { TidemarkError.Damaged, TidemarkError.Key });
            }
        }

        /// <summary>Restores all points, whatever they are now; nothing but a message may come of it.</summary>
        public static void TryAll(StoreFolder forged)
        {
            using var chain = Chain.Load(forged);
            foreach (var member in chain.Members)
            {
                // A forged size is refused where a target of it can't be made; memory isn't where to try that.
                if (member.Image is not { } image || image.Header.SourceBytes > 16 << 20)
                {
                    continue;
                }

                try
                {
                    ChainFixture.Restore(chain, image, out _);
                }
                catch (TidemarkException e)
                {
                    Assert.Contains(e.Error, new[] { TidemarkError.Damaged, TidemarkError.Key });
                }
            }
        }

        private void CheckPoint(Chain chain, int index)
        {
            byte[] restored;
            List<Tidemark.Engine.Pipelines.BlockDamage> damage;
            try
            {
                restored = ChainFixture.Restore(chain, chain.Get(index + 1), out damage);
            }
            catch (TidemarkException e)
            {
                Assert.Contains(e.Error, new[] { TidemarkError.Damaged, TidemarkError.WrongUse });
                return;
            }

            var expected = (byte[])points[index].Clone();
            Assert.Equal(expected.Length, restored.Length);
            foreach (var range in damage)
            {
                var at = (int)range.FirstBlock * 4096;
                expected.AsSpan(at, (int)Math.Min(range.Count * 4096, expected.Length - at)).Clear();
            }

            Assert.True(expected.AsSpan().SequenceEqual(restored), $"image {index + 1} is wrong and says nothing");
        }
    }

    /// <summary>Changes a field of one structure of an image in one file, and puts every checksum above it right.</summary>
    private static class Forgery
    {
        public static void Apply(byte[] image, Random random)
        {
            var header = image.AsSpan(0, ImageFormat.HeaderSize);
            var footer = image.AsSpan(image.Length - ImageFormat.FooterSize);
            var payload = image.AsSpan(ImageFormat.HeaderSize, image.Length - ImageFormat.HeaderSize - ImageFormat.FooterSize);
            switch (random.Next(5))
            {
                case 0:
                    // Kind, block size, hash, codec; all fixed fields; identity and name as well.
                    var (from, to) = random.Next(3) switch { 0 => (80, 85), 1 => (8, 160), _ => (8, 1536) };
                    Change(header, random, from, to);
                    break;
                case 1:
                    Change(footer, random, 8, 496);
                    break;
                case 2:
                    ChangePage(payload, footer, random);
                    break;
                case 3:
                    Change(payload, random, 0, payload.Length);
                    break;
                default:
                    ChangeFrame(payload, random);
                    break;
            }

            Seal(header, header.Length - 16);
            header[^16..].CopyTo(footer[24..]);
            Seal(footer, footer.Length - 16);
        }

        private static void ChangePage(Span<byte> payload, Span<byte> footer, Random random)
        {
            var offset = BitConverter.ToInt64(footer[56..]);
            var length = BitConverter.ToInt32(footer[64..]);
            var page = payload.Slice((int)offset, length);
            Change(page, random, random.Next(2) == 0 ? 0 : 64, Math.Min(length - 16, random.Next(2) == 0 ? 64 : 400));
            Seal(page, length - 16);
            page[^16..].CopyTo(footer[72..]);
        }

        private static void ChangeFrame(Span<byte> payload, Random random)
        {
            int length = BitConverter.ToUInt16(payload[4..]);
            var packed = BitConverter.ToInt32(payload[36..]);
            Change(payload, random, 4, length + (random.Next(2) * packed));
            BitConverter.TryWriteBytes(payload[48..], XxHash3.HashToUInt64(payload.Slice(length, packed)));
            BitConverter.TryWriteBytes(payload[(length - 8)..], XxHash3.HashToUInt64(payload[..(length - 8)]));
        }

        private static void Change(Span<byte> bytes, Random random, int start, int end)
        {
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(start, end)] = (byte)(random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => random.Next(8), _ => random.Next(256) });
            }
        }

        private static void Seal(Span<byte> bytes, int at) =>
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes[at..], XxHash128.HashToUInt128(bytes[..at]));
    }
}
