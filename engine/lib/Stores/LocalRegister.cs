using System.IO.Hashing;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The owner's file of a local folder as a register. No file system compares and sets the content of a file: between the look
/// and the write another machine may write. Its version is what it holds; every owner's content is one of its own, by its
/// token and its signs of life.
/// </summary>
internal sealed class LocalRegister(OwnerFile file) : StoreRegister
{
    public override bool IsExact => false;

    public override RegisterState Read() =>
        file.Read() is { } value ? new RegisterState(value, Convert.ToHexString(XxHash128.Hash(value))) : default;

    public override bool TrySet(byte[]? value, string? expected)
    {
        if (expected is null)
        {
            return value is null ? file.Read() is null : file.TryCreate(value);
        }

        if (Read().Version != expected)
        {
            return false;
        }

        if (value is not null)
        {
            return file.TryWrite(value);
        }

        file.Delete();
        return true;
    }
}
