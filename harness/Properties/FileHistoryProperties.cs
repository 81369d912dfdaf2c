using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Histories on real sparse files, through the operations that the command line calls.</summary>
[DiffersBySystem]
public class FileHistoryProperties
{
    [SeededProperty(5, all: 12, Arbitrary = [typeof(HistoryArbitrary)])]
    public void Every_image_of_a_file_restores_bit_for_bit_and_stores_what_changed(History history)
    {
        using var run = new FileRun(history);
        run.Check();
    }

    private sealed class FileRun : IDisposable
    {
        private readonly History history;
        private readonly TempFolder folder = new("history");
        private readonly SeededRandomSource random;
        private readonly KeyOptions key;
        private readonly List<NaiveImage> images = [];
        private readonly List<bool> fulls = [];
        private byte[] content;
        private string chain;

        public FileRun(History history)
        {
            // An empty file is no source, so there is always a byte.
            this.history = history;
            random = new SeededRandomSource((ulong)history.Seed);
            content = new byte[Math.Max(1, history.Length)];
            new Random(history.Seed).NextBytes(content);
            File.WriteAllBytes(Source, content);
            File.WriteAllBytes(folder.At("key"), [.. Enumerable.Range(1, 64).Select(i => (byte)i)]);
            key = history.Encrypted ? new KeyOptions(KeyFile: folder.At("key")) : KeyOptions.None;
            chain = folder.At("store");
        }

        private string Source => folder.At("source");

        public void Check()
        {
            Backup(new Step(StepKind.Backup, 0, 0, 0));
            foreach (var step in history.Steps)
            {
                Take(step);
            }

            for (var i = 0; i < images.Count; i++)
            {
                var target = folder.At($"restored{i}");
                var result = Restore.Run(
                    new RestoreRequest { Image = ImageAddress.Parse($"{chain}@{i + 1}"), Target = TargetLocation.Parse(target), Key = key }, NoObserver.Instance);
                Assert.Empty(result.Damaged);
                var restored = File.ReadAllBytes(target);
                Assert.Equal(images[i].Content.Length, restored.Length);
                Assert.True(images[i].Content.AsSpan().SequenceEqual(restored), $"image {i + 1} differs");
            }

            var verified = Verify.Run(
                new VerifyRequest { Subject = ImageAddress.Parse(chain), Depth = VerifyDepth.Deep, Key = key }, NoObserver.Instance);
            Assert.Empty(verified.Findings);
            Assert.Equal(images.Count, Assert.Single(verified.Chains).Restorable.Count);
        }

        public void Dispose() => folder.Dispose();

        private void Take(Step step)
        {
            var offset = step.Place % content.Length;
            var room = Math.Min(1 + (step.Size % (3 * history.BlockSize)), content.Length - offset);
            switch (step.Kind)
            {
                case StepKind.Backup:
                    Backup(step);
                    break;
                case StepKind.Write or StepKind.Copy or StepKind.Rewrite:
                    new Random(step.Draw).NextBytes(content.AsSpan(offset, room));
                    Write(offset, room);
                    break;
                case StepKind.Zero:
                    content.AsSpan(offset, room).Clear();
                    Write(offset, room);
                    break;
                case StepKind.Trim:
                    content.AsSpan(offset, room).Clear();
                    using (var device = RawDevice.OpenWrite(Source))
                    {
                        device.WriteZeros(offset, room);
                    }

                    break;
                case StepKind.Resize:
                    Array.Resize(ref content, 1 + (step.Size % History.MaxLength(history.BlockLog)));
                    using (var file = new FileStream(Source, FileMode.Open))
                    {
                        file.SetLength(content.Length);
                    }

                    break;
                case StepKind.Move:
                    var moved = folder.At($"moved {images.Count} {step.Draw} {step.Place}");
                    Directory.Move(chain, moved);
                    chain = moved;
                    break;
                default:
                    // Files don't fail on demand.
                    break;
            }
        }

        private void Write(int offset, int length)
        {
            using var file = new FileStream(Source, FileMode.Open);
            file.Position = offset;
            file.Write(content.AsSpan(offset, length));
        }

        private void Backup(Step step)
        {
            var first = images.Count == 0;
            var kind = first ? BackupKind.Auto : (BackupKind)(step.Place % 4);
            var parent = first || kind == BackupKind.Full
                ? null
                : kind == BackupKind.Differential ? images[fulls.LastIndexOf(true)] : images[^1];
            var result = Tidemark.Engine.Operations.Backups.Backup.Run(
                new BackupRequest
                {
                    Source = SourceLocation.Parse(Source),
                    Store = StoreLocation.Parse(chain),
                    Kind = kind,
                    BlockSize = first ? history.BlockSize : null,
                    Hash = first ? (history.Blake3 ? HashAlgorithm.Blake3 : HashAlgorithm.Xxh128) : null,
                    Codec = (Codec)(step.Size % 3),
                    SplitSize = step.Draw % 4 == 1 ? 64 << 10 : 0,
                    Key = key,
                    QueueDepth = 1 + (step.Draw % 8),
                    RequestSize = (64 << 10) << (step.Draw % 4),
                },
                NoObserver.Instance, TimeProvider.System, random, default);
            chain = result.Chain;
            var image = new NaiveImage(history.BlockSize, (byte[])content.Clone(), new bool[(content.Length + history.BlockSize - 1) / history.BlockSize], 0, 0);
            Assert.Equal(image.ChangedSince(parent), result.ChangedBlocks);
            Assert.Equal(images.Count + 1, result.Sequence);
            Assert.Equal(
                result.StoredBytes,
                Directory.EnumerateFiles(chain, $"{result.Sequence:D6}*.tdi").Sum(f => new FileInfo(f).Length));
            images.Add(image);
            fulls.Add(parent is null);
        }
    }
}
