using System.Diagnostics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>One decoded frame of a <see cref="FrameCache"/>, and who reads it.</summary>
internal sealed class CachedFrame : CachedItem
{
    private readonly FrameCache owner;
    private volatile bool loaded;
    private int length;

    public CachedFrame(FrameCache owner)
        : base(isTable: false, worth: 1, bytes: 0) => this.owner = owner;

    public int Layer { get; private set; }

    public FrameRef Reference { get; private set; }

    /// <summary>Held by the one who loads it.</summary>
    public Lock Loading { get; } = new();

    /// <summary>Those who read it now; under the budget's lock.</summary>
    public int Borrowers { get; set; }

    /// <summary>Somebody read it to its end; under the budget's lock.</summary>
    public bool IsSpent { get; set; }

    public bool IsLoaded => loaded;

    public override bool IsInUse => Borrowers > 0 || !loaded;

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>The buffer that its blocks stand in.</summary>
    public byte[]? Buffer { get; private set; }

    public ReadOnlySpan<byte> Plain => Buffer.AsSpan(0, length);

    /// <summary>The block behind the last that it holds.</summary>
    public long End { get; private set; }

    /// <summary>Makes it another frame, which isn't loaded yet: nobody reads it any more.</summary>
    public void Become(int layer, in FrameRef reference)
    {
        Debug.Assert(Borrowers == 0 && Node.List is null);
        (Layer, Reference) = (layer, reference);
        (Buffer, length, End, Problem) = (null, 0, 0, null);
        (Bytes, IsSpent, loaded) = (0, false, false);
    }

    public void Fill(byte[] buffer, int count, long end)
    {
        Debug.Assert(!loaded);
        Buffer = buffer;
        length = count;
        End = end;
        loaded = true;
    }

    public void Fail(string problem)
    {
        Debug.Assert(!loaded);
        Problem = problem;
        loaded = true;
    }

    public override void Evict() => owner.Forget(this);
}
