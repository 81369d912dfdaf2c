namespace Tidemark.Harness.Simulation;

/// <summary>The content of a file: what the system shows, and what would be there after a loss of power.</summary>
internal sealed class FileContent
{
    private byte[] durable = [];
    private byte[] bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, Length);

    public bool IsDirty { get; private set; }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        var end = checked((int)offset + data.Length);
        if (end > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(end, bytes.Length * 2));
        }

        data.CopyTo(bytes.AsSpan((int)offset));
        Length = Math.Max(Length, end);
        IsDirty = true;
    }

    public void Flush()
    {
        durable = Bytes.ToArray();
        IsDirty = false;
    }

    /// <summary>A copy with the same content, durable at once.</summary>
    public FileContent Copy()
    {
        var copy = new FileContent();
        copy.Write(0, Bytes);
        copy.Flush();
        return copy;
    }

    /// <summary>Keeps any subset of the sectors that weren't flushed; what isn't kept is as before, or zero, or rubbish.</summary>
    public void Tear(Random random)
    {
        if (!IsDirty)
        {
            return;
        }

        var sector = random.Next(2) == 0 ? 512 : 4096;
        var kept = (random.Next(4)) switch { 0 => 0, 1 => 100, _ => random.Next(101) };
        var rubbish = random.Next(4) == 0;
        var length = random.Next(3) switch
        {
            0 => Length,
            1 => Math.Max(durable.Length, 0),
            _ => Math.Min(Length, random.Next(Length + sector) / sector * sector),
        };
        length = Math.Max(length, Math.Min(durable.Length, Length));
        var torn = new byte[length];
        for (var at = 0; at < length; at += sector)
        {
            var size = Math.Min(sector, length - at);
            var target = torn.AsSpan(at, size);
            if (random.Next(100) < kept)
            {
                bytes.AsSpan(at, size).CopyTo(target);
            }
            else if (at < durable.Length)
            {
                durable.AsSpan(at, Math.Min(size, durable.Length - at)).CopyTo(target);
            }
            else if (rubbish)
            {
                random.NextBytes(target);
            }
        }

        bytes = torn;
        Length = length;
        Flush();
    }
}
