namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// A range of the file that the log writes: from a position in the log's memory, or <see cref="Zeros"/>. Length is
/// positive.
/// </summary>
internal readonly record struct VhdxLogWrite(long Offset, long Length, int LogPosition)
{
    public const int Zeros = -1;

    public long End => Offset + Length;
}
