namespace Tidemark.Engine.Serving;

/// <summary>What a server did, added up over all connections.</summary>
internal sealed class NbdCounters(Action<string> onFailure)
{
    /// <summary>Failures told at most: who reads a damaged range again and again isn't told each time.</summary>
    private const int MaxTold = 100;

    private long connections;
    private long readBytes;
    private long writtenBytes;
    private long failures;

    public long Connections => Interlocked.Read(ref connections);

    public long ReadBytes => Interlocked.Read(ref readBytes);

    public long WrittenBytes => Interlocked.Read(ref writtenBytes);

    /// <summary>Requests that ended in an error of the device.</summary>
    public long Failures => Interlocked.Read(ref failures);

    public void Connected() => Interlocked.Increment(ref connections);

    public void Read(long bytes) => Interlocked.Add(ref readBytes, bytes);

    public void Wrote(long bytes) => Interlocked.Add(ref writtenBytes, bytes);

    public void Failed(TidemarkException cause)
    {
        if (Interlocked.Increment(ref failures) <= MaxTold)
        {
            onFailure(cause.Message);
        }
    }
}
