using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;

namespace Tidemark.Engine.Tracing;

/// <summary>
/// The events of the engine, for ETW and EventPipe. Numbers are 64-bit throughout; durations are nanoseconds, offsets and
/// lengths bytes. What a run has a few of is informational; what it has one of for each transfer, frame or wait is
/// verbose. No event comes per block, and none is made unless somebody listens.
/// </summary>
/// <remarks>
/// Names, ids and payloads are a contract with recorded traces: change an event by adding one under a new id, or by
/// adding to the end of its payload and raising its version.
/// </remarks>
[EventSource(Name = EngineTracing.ProviderName)]
internal sealed unsafe class EngineEventSource : EventSource
{
    public static readonly EngineEventSource Log = new();

    private EngineEventSource()
    {
    }

    /// <summary>An operation begins. Runs of one process don't nest, so the runtime need not track activities.</summary>
    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Runs, ActivityOptions = EventActivityOptions.Disable)]
    public void RunStart(string operation, string subject) => Write(1, operation, subject);

    /// <summary>An operation ended; completed is 0 where it failed or was cancelled.</summary>
    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Runs, ActivityOptions = EventActivityOptions.Disable)]
    public void RunStop(string operation, long completed, long nanoseconds) => Write(2, operation, null, completed, nanoseconds);

    /// <summary>An image got its name.</summary>
    [Event(3, Level = EventLevel.Informational, Keywords = Keywords.Runs)]
    public void ImageCommitted(long sequence, long storedBytes, long frames, long changedBlocks) =>
        Write(3, sequence, storedBytes, frames, changedBlocks);

    /// <summary>The source, or the target, is read or written through a queue of this kind.</summary>
    [Event(4, Level = EventLevel.Informational, Keywords = Keywords.Runs)]
    public void QueueOpened(string device, string kind, long depth, long bufferBytes) => Write(4, device, kind, depth, bufferBytes);

    /// <summary>This thread works for a stage from here on.</summary>
    [Event(5, Level = EventLevel.Informational, Keywords = Keywords.Stages, ActivityOptions = EventActivityOptions.Disable)]
    public void StageStart(string stage) => Write(5, stage, null);

    [Event(6, Level = EventLevel.Informational, Keywords = Keywords.Stages, ActivityOptions = EventActivityOptions.Disable)]
    public void StageStop(string stage) => Write(6, stage, null);

    /// <summary>A stage waited for "input" or "output", or was held to the "rate" that was asked for; the wait ends with the event.</summary>
    [Event(7, Level = EventLevel.Verbose, Keywords = Keywords.Stages)]
    public void Waited(string stage, string side, long nanoseconds) => Write(7, stage, side, nanoseconds);

    /// <summary>A read of the source was submitted; depth counts it in.</summary>
    [Event(10, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void ReadSubmitted(long slot, long offset, long length, long depth) => Write(10, slot, offset, length, depth);

    /// <summary>A read of the source was reaped: bytes moved, and 0 or the system's error number.</summary>
    [Event(11, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void ReadReaped(long slot, long offset, long length, long error, long depth) =>
        Write(11, slot, offset, length, error, depth);

    /// <summary>A write of an image file was submitted; the offset is within the file.</summary>
    [Event(12, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void StoreWriteSubmitted(long slot, long offset, long length, long depth) => Write(12, slot, offset, length, depth);

    [Event(13, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void StoreWriteReaped(long slot, long offset, long length, long error, long depth) =>
        Write(13, slot, offset, length, error, depth);

    /// <summary>A write of the restore's target was submitted.</summary>
    [Event(14, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void TargetWriteSubmitted(long slot, long offset, long length, long depth) => Write(14, slot, offset, length, depth);

    [Event(15, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void TargetWriteReaped(long slot, long offset, long length, long error, long depth) =>
        Write(15, slot, offset, length, error, depth);

    /// <summary>A piece of an image's payload was read: frames, index pages, metadata.</summary>
    [Event(16, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void StoreRead(long offset, long length, long nanoseconds) => Write(16, offset, length, nanoseconds);

    /// <summary>A range of the target was made to read as zeros.</summary>
    [Event(17, Level = EventLevel.Verbose, Keywords = Keywords.Transfers)]
    public void TargetZeroed(long offset, long length, long nanoseconds) => Write(17, offset, length, nanoseconds);

    /// <summary>A failed read was read again in halves; badBytes couldn't be read.</summary>
    [Event(18, Level = EventLevel.Warning, Keywords = Keywords.Transfers)]
    public void ReadSalvaged(long offset, long length, long badBytes, long nanoseconds) =>
        Write(18, offset, length, badBytes, nanoseconds);

    /// <summary>Blocks of one transfer got their identity hashes.</summary>
    [Event(20, Level = EventLevel.Verbose, Keywords = Keywords.Blocks)]
    public void BlocksHashed(long firstBlock, long count, long nanoseconds) => Write(20, firstBlock, count, nanoseconds);

    /// <summary>
    /// Blocks of one transfer were compared, and what changed was handed on, waiting for the packer included.
    /// </summary>
    [Event(21, Level = EventLevel.Verbose, Keywords = Keywords.Blocks)]
    public void BlocksCompared(long firstBlock, long count, long changed, long nanoseconds) =>
        Write(21, firstBlock, count, changed, nanoseconds);

    /// <summary>A window of the target was filled from frames and proven.</summary>
    [Event(22, Level = EventLevel.Verbose, Keywords = Keywords.Blocks)]
    public void WindowFilled(long firstBlock, long count, long nanoseconds) => Write(22, firstBlock, count, nanoseconds);

    /// <summary>
    /// A frame was compressed, decoded and compared, and encrypted; the codec as the frame's header has it (0 none,
    /// 1 zstd, 2 LZ4), the lengths without padding.
    /// </summary>
    [Event(30, Level = EventLevel.Verbose, Keywords = Keywords.Frames)]
    public void FramePacked(long ordinal, long plainBytes, long storedBytes, long codec, long nanoseconds) =>
        Write(30, ordinal, plainBytes, storedBytes, codec, nanoseconds);

    /// <summary>A frame was checked, decrypted and decoded.</summary>
    [Event(31, Level = EventLevel.Verbose, Keywords = Keywords.Frames)]
    public void FrameDecoded(long offset, long plainBytes, long storedBytes, long nanoseconds) =>
        Write(31, offset, plainBytes, storedBytes, nanoseconds);

    /// <summary>A batch of frames was read and proven.</summary>
    [Event(32, Level = EventLevel.Verbose, Keywords = Keywords.Frames)]
    public void FramesProven(long offset, long length, long frames, long nanoseconds) => Write(32, offset, length, frames, nanoseconds);

    [NonEvent]
    private void Write(int id, params ReadOnlySpan<long> numbers) => Write(id, null, null, numbers);

    [NonEvent]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Payloads are strings and 64-bit integers alone.")]
    private void Write(int id, string? first, string? second, params ReadOnlySpan<long> numbers)
    {
        var data = stackalloc EventData[numbers.Length + 2];
        var count = 0;
        fixed (char* firstText = first, secondText = second)
        fixed (long* values = numbers)
        {
            if (first is not null)
            {
                data[count++] = Text(firstText, first);
            }

            if (second is not null)
            {
                data[count++] = Text(secondText, second);
            }

            for (var i = 0; i < numbers.Length; i++)
            {
                data[count++] = new EventData { DataPointer = (nint)(values + i), Size = sizeof(long) };
            }

            WriteEventCore(id, count, data);
        }
    }

    // Strings in payloads end with a zero, which .NET's have behind them.
    private static EventData Text(char* text, string value) =>
        new() { DataPointer = (nint)text, Size = (value.Length + 1) * sizeof(char) };

    /// <summary>What can be asked for one by one.</summary>
    public static class Keywords
    {
        /// <summary>Runs, their queues, images committed: a handful a run.</summary>
        public const EventKeywords Runs = (EventKeywords)0x1;

        /// <summary>Stages of the pipelines, and verbose their waits: enough to say what bounds a run.</summary>
        public const EventKeywords Stages = (EventKeywords)0x2;

        /// <summary>Reads and writes, with the depth of their queue.</summary>
        public const EventKeywords Transfers = (EventKeywords)0x4;

        /// <summary>Batches of blocks hashed, compared, brought back.</summary>
        public const EventKeywords Blocks = (EventKeywords)0x8;

        /// <summary>Frames packed, decoded, proven.</summary>
        public const EventKeywords Frames = (EventKeywords)0x10;
    }
}
