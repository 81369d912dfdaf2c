namespace Tidemark.Bench.TraceReport;

/// <summary>The ids of the provider's events, which are a contract (engine/lib/Tracing).</summary>
internal static class EngineEvents
{
    public const string Provider = "Tidemark-Engine";

    public const int RunStart = 1;
    public const int RunStop = 2;
    public const int ImageCommitted = 3;
    public const int QueueOpened = 4;
    public const int StageStart = 5;
    public const int StageStop = 6;
    public const int Waited = 7;
    public const int ReadSubmitted = 10;
    public const int ReadReaped = 11;
    public const int StoreWriteSubmitted = 12;
    public const int StoreWriteReaped = 13;
    public const int TargetWriteSubmitted = 14;
    public const int TargetWriteReaped = 15;
    public const int StoreRead = 16;
    public const int TargetZeroed = 17;
    public const int ReadSalvaged = 18;
    public const int BlocksHashed = 20;
    public const int BlocksCompared = 21;
    public const int WindowFilled = 22;
    public const int FramePacked = 30;
    public const int FrameDecoded = 31;
    public const int FramesProven = 32;
}
