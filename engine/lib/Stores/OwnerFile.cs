namespace Tidemark.Engine.Stores;

/// <summary>
/// The calls by which a local folder has its owner's file (<see cref="LocalRegister"/>): reads and writes of a few bytes.
/// Every call goes to the file anew, so that shares which cache open files show what others wrote.
/// </summary>
internal abstract class OwnerFile
{
    /// <summary>What it holds, <see cref="LockOwner.MaxBytes"/> at most; null where it isn't there.</summary>
    public abstract byte[]? Read();

    /// <summary>Makes it, durably; false where it is there. Not every share keeps two machines from both being told true.</summary>
    public abstract bool TryCreate(ReadOnlySpan<byte> content);

    /// <summary>Takes the place of what it holds, durably; false where it isn't there.</summary>
    public abstract bool TryWrite(ReadOnlySpan<byte> content);

    /// <summary>Removes it; nothing happens where it isn't there.</summary>
    public abstract void Delete();
}
