using System.Diagnostics;
using System.Security.Cryptography;

namespace Tidemark.Engine.Keys;

/// <summary>
/// Bytes that must not outlive their use: an array the collector never moves (so that it leaves no copies behind), zeroed
/// by <see cref="Dispose"/>, or by the finaliser if that was forgotten. It isn't locked against swapping.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private byte[]? bytes;

    public SecretBytes(int length)
    {
        Debug.Assert(length > 0);
        bytes = GC.AllocateArray<byte>(length, pinned: true);
    }

    public SecretBytes(ReadOnlySpan<byte> content)
        : this(content.Length) => content.CopyTo(bytes);

    ~SecretBytes() => Clear();

    /// <exception cref="ObjectDisposedException">The secret is gone.</exception>
    public Span<byte> Span
    {
        get
        {
            var current = bytes;
            ObjectDisposedException.ThrowIf(current is null, this);
            return current;
        }
    }

    public int Length => Span.Length;

    public void Dispose()
    {
        Clear();
        GC.SuppressFinalize(this);
    }

    private void Clear()
    {
        var current = Interlocked.Exchange(ref bytes, null);
        if (current is not null)
        {
            CryptographicOperations.ZeroMemory(current);
        }
    }
}
