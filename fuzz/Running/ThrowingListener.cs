using System.Diagnostics;

namespace Tidemark.Fuzz.Running;

/// <summary>Makes a failed assertion of a debug build a find like any other instead of the end of the process.</summary>
internal sealed class ThrowingListener : TraceListener
{
    public static void Install()
    {
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new ThrowingListener());
    }

    public override void Fail(string? message, string? detailMessage) =>
        throw new FindException($"Assertion failed: {message} {detailMessage}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}
