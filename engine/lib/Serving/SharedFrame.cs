using System.Diagnostics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Serving;

/// <summary>One decoded frame of <see cref="SharedFrames"/>, and who reads it.</summary>
internal sealed class SharedFrame
{
    private volatile bool loaded;
    private int length;

    public SharedFrame(int layer, FrameRef reference)
    {
        Layer = layer;
        Reference = reference;
        Node = new LinkedListNode<SharedFrame>(this);
    }

    public int Layer { get; }

    public FrameRef Reference { get; }

    /// <summary>Its place in the order of use.</summary>
    public LinkedListNode<SharedFrame> Node { get; }

    /// <summary>Held by the one who loads it.</summary>
    public Lock Loading { get; } = new();

    /// <summary>Those who read it now; under the lock of all frames.</summary>
    public int Borrowers { get; set; }

    public bool IsLoaded => loaded;

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>The buffer that its blocks stand in.</summary>
    public byte[]? Buffer { get; private set; }

    public ReadOnlySpan<byte> Plain => Buffer.AsSpan(0, length);

    public void Fill(byte[] buffer, int count)
    {
        Debug.Assert(!loaded);
        Buffer = buffer;
        length = count;
        loaded = true;
    }

    public void Fail(string problem)
    {
        Debug.Assert(!loaded);
        Problem = problem;
        loaded = true;
    }
}
