namespace Tidemark.Engine.Volumes;

/// <summary>Bytes to be put in place of what a disk holds.</summary>
internal readonly record struct DiskEdit(long Offset, byte[] Bytes)
{
    public long End => Offset + Bytes.Length;
}
