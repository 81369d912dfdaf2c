using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Harness.Chains;

/// <summary>A folder that tells before and after each step that changes what readers may see.</summary>
internal sealed class SteppingFolder(StoreFolder folder, Action<string> step) : LayeredFolder(folder)
{
    public override StoreWriter Create(string name)
    {
        var writer = Behind.Create(name);
        step($"created {name}");
        return new SteppingWriter(name, writer, step);
    }

    public override void Delete(string name)
    {
        step($"deleting {name}");
        Behind.Delete(name);
        step($"deleted {name}");
    }

    public override void Flush()
    {
        Behind.Flush();
        step("flushed");
    }

    private sealed class SteppingWriter(string name, StoreWriter inner, Action<string> step) : StoreWriter
    {
        public override long Position => inner.Position;

        public override void Append(ReadOnlySpan<byte> data) => inner.Append(data);

        public override void Settle()
        {
            inner.Settle();
            step($"settled {name}");
        }

        public override StoreFile? OpenWritten() => inner.OpenWritten();

        public override void Complete(bool withNext = false)
        {
            step($"completing {name}");
            inner.Complete(withNext);
            step($"completed {name}");
        }

        public override void Dispose() => inner.Dispose();
    }
}
