namespace Tidemark.Interop.Windows;

/// <summary>States of an IVssAsync (vsserror.h).</summary>
public static class VSS_S
{
    public const int VSS_S_ASYNC_PENDING = 0x00042309;
    public const int VSS_S_ASYNC_FINISHED = 0x0004230A;
    public const int VSS_S_ASYNC_CANCELLED = 0x0004230B;
}
