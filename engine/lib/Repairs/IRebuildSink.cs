using Tidemark.Engine.Format;

namespace Tidemark.Engine.Repairs;

/// <summary>Takes what a survey of a payload finds: all frames and all extents, in order.</summary>
internal interface IRebuildSink
{
    /// <summary>A frame whose extents come next.</summary>
    /// <param name="corrected">Its bytes where a flipped bit was found and turned back; else empty.</param>
    void Frame(in FrameRef frame, int plainLength, ReadOnlySpan<byte> corrected);

    /// <summary>An extent; <see cref="BlockState.Lost"/> for blocks of which nothing survived.</summary>
    void Run(in IndexExtent extent, ReadOnlySpan<UInt128> hashes);
}
