namespace Tidemark.Cli.Output;

/// <summary>
/// A standard stream that never ends a run: once it can't be written (a full disk, a terminal that is gone) what it gets
/// is lost, which <paramref name="lost"/> hears of once.
/// </summary>
/// <param name="inner">The stream itself.</param>
/// <param name="lost">Hears why it can't be written.</param>
internal sealed class LastingStream(Stream inner, Action<string> lost) : Stream
{
    private int broken;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // A gap in the midst would look like what was never there: after a failure nothing comes any more.
        if (Volatile.Read(ref broken) != 0)
        {
            return;
        }

        try
        {
            inner.Write(buffer);
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(e);
        }
    }

    public override void Flush()
    {
        try
        {
            inner.Flush();
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static bool IsLoss(Exception e) => e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;

    private void Lose(Exception reason)
    {
        if (Interlocked.Exchange(ref broken, 1) == 0)
        {
            lost(reason.Message);
        }
    }
}
