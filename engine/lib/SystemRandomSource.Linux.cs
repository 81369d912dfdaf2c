using System.Diagnostics;
using System.Runtime.InteropServices;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine;

/// <summary>
/// getrandom(2) itself: .NET's RandomNumberGenerator loads OpenSSL for it, which costs 3 ms and ends the program where there
/// is none, and a backup that isn't encrypted needs neither.
/// </summary>
internal sealed partial class SystemRandomSource
{
    /// <summary>getrandom(2): up to this length the call is neither cut short nor interrupted once the kernel is seeded.</summary>
    private const int MaxRequest = 256;

    private const int Eintr = 4;

    private static unsafe void FillFromKernel(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = Libc.getrandom(start, (nuint)Math.Min(bytes.Length, MaxRequest), 0);
            }

            if (count < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Eintr)
                {
                    continue;
                }

                throw TidemarkException.Failed(
                    $"The kernel gives no random numbers: {Marshal.GetPInvokeErrorMessage(errno)}. Is getrandom forbidden in this container?");
            }

            Debug.Assert(count > 0);
            bytes = bytes[(int)count..];
        }
    }
}
