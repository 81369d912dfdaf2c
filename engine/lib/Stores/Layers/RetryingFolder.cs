namespace Tidemark.Engine.Stores.Layers;

/// <summary>
/// A folder whose lists, reads and deletions are tried again where the store says that an error may pass by itself
/// (<see cref="TidemarkException.MayPass"/>). What is written is the store's own to send again: only it knows what has
/// arrived.
/// </summary>
internal sealed class RetryingFolder(StoreFolder folder, RetryPolicy policy) : LayeredFolder(folder)
{
    public override IReadOnlyList<StoreEntry> List() => policy.Do(Behind.List, default);

    public override IReadOnlyList<string> ListUnfinished() => policy.Do(Behind.ListUnfinished, default);

    public override StoreFile OpenRead(string name) => new RetryingFile(policy.Do(() => Behind.OpenRead(name), default), policy);

    public override void Delete(string name)
    {
        var tried = false;
        policy.Do(
            () =>
            {
                // The answer to an attempt may have been lost, and not the attempt.
                if (!tried || Behind.List().Any(entry => entry.Name == name))
                {
                    tried = true;
                    Behind.Delete(name);
                }

                return true;
            },
            default);
    }

    private sealed class RetryingFile(StoreFile file, RetryPolicy policy) : LayeredFile(file)
    {
        public override unsafe void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
        {
            fixed (byte* start = buffer)
            {
                var (bytes, length) = ((nint)start, buffer.Length);
                policy.Do(
                    () =>
                    {
                        Behind.ReadAt(offset, new Span<byte>((void*)bytes, length), cancellation);
                        return true;
                    },
                    cancellation);
            }
        }
    }
}
