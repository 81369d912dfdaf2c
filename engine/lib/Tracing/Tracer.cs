using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Tidemark.Engine.Tracing;

/// <summary>
/// What the pipelines call where something is worth an event. With nobody listening each call is a load and a branch:
/// no clock is read, and no argument worked out behind <see cref="On"/>.
/// </summary>
internal static class Tracer
{
    /// <summary>What a thread works for; set whether or not anybody listens, since somebody may begin to later.</summary>
    [ThreadStatic]
    private static string? stage;

    /// <summary>Where events go; guarded by <see cref="On"/> or a duration that was begun.</summary>
    public static EngineEventSource Log => EngineEventSource.Log;

    /// <summary>Whether anybody listens.</summary>
    public static bool On
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => EngineEventSource.Log.IsEnabled();
    }

    /// <summary>The beginning of a duration; 0 if nobody listens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Begin() => On ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Nanoseconds since a beginning; 0 if nobody listened then.</summary>
    public static long Since(long began) =>
        began == 0 ? 0 : (long)((Stopwatch.GetTimestamp() - began) * (1e9 / Stopwatch.Frequency));

    /// <summary>This thread works for a stage from here on, and for no other.</summary>
    public static void EnterStage(string name)
    {
        LeaveStage();
        stage = name;
        if (On)
        {
            Log.StageStart(name);
        }
    }

    public static void LeaveStage()
    {
        if (stage is { } left && On)
        {
            Log.StageStop(left);
        }

        stage = null;
    }

    /// <summary>The stage waited for what comes before it: a device, or a stage.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitedForInput(long began)
    {
        if (began != 0)
        {
            Waited("input", began);
        }
    }

    /// <summary>The stage waited for what comes behind it to take what it has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitedForOutput(long began)
    {
        if (began != 0)
        {
            Waited("output", began);
        }
    }

    /// <summary>The stage was held to the rate that the user gave.</summary>
    public static void WaitedForRate(long began)
    {
        if (began != 0)
        {
            Waited("rate", began);
        }
    }

    private static void Waited(string side, long began) => Log.Waited(stage ?? "other", side, Since(began));
}
