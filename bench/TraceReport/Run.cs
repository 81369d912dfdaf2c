namespace Tidemark.Bench.TraceReport;

/// <summary>One run of the engine as its events tell it. Times are nanoseconds since it began.</summary>
internal sealed class Run(int process, double startedAt)
{
    private readonly Dictionary<long, ThreadState> threads = [];
    private readonly Dictionary<string, Stage> stages = new(StringComparer.Ordinal);

    public int Process => process;

    /// <summary>Nanoseconds since the trace began.</summary>
    public double StartedAt => startedAt;

    /// <summary>"backup", "restore", "verify"; a recording that began later doesn't know.</summary>
    public string Operation { get; private set; } = "run";

    public string Subject { get; private set; } = "";

    /// <summary>Null where the trace ends before the run.</summary>
    public bool? Completed { get; private set; }

    public double Duration { get; private set; }

    public long Events { get; private set; }

    /// <summary>How the source or target is read or written: "io_uring, 16 deep, 1024 KiB each".</summary>
    public List<string> Queues { get; } = [];

    public List<string> Images { get; } = [];

    public Transfers SourceReads { get; } = new("source read", queued: true);

    public Transfers StoreWrites { get; } = new("store write", queued: true);

    public Transfers StoreReads { get; } = new("store read", queued: false);

    public Transfers TargetWrites { get; } = new("target write", queued: true);

    public Transfers TargetZeros { get; } = new("target zeros", queued: false);

    public Transfers Salvages { get; } = new("salvage", queued: false);

    public IEnumerable<Transfers> AllTransfers => [SourceReads, StoreReads, StoreWrites, TargetWrites, TargetZeros, Salvages];

    public IReadOnlyCollection<Stage> Stages => stages.Values;

    public long HashedBlocks { get; private set; }

    public long ComparedBlocks { get; private set; }

    public long ChangedBlocks { get; private set; }

    public long FilledBlocks { get; private set; }

    /// <summary>By codec as frames have it: frames, plain and stored bytes, nanoseconds.</summary>
    public SortedDictionary<long, (long Frames, long Plain, long Stored, double Nanoseconds)> Packed { get; } = [];

    public long DecodedFrames { get; private set; }

    public long ProvenFrames { get; private set; }

    public void Take(IEventPayload item)
    {
        Events++;
        var now = item.Time - startedAt;
        Duration = Math.Max(Duration, now);
        if (!threads.TryGetValue(item.Thread, out var thread))
        {
            threads.Add(item.Thread, thread = new ThreadState());
        }

        switch (item.Id)
        {
            case EngineEvents.RunStart:
                Operation = item.Text("operation");
                Subject = item.Text("subject");
                break;
            case EngineEvents.RunStop:
                Operation = item.Text("operation");
                Completed = item.Number("completed") != 0;
                break;
            case EngineEvents.ImageCommitted:
                Images.Add($"image {item.Number("sequence")}: {item.Number("storedBytes")} bytes stored, {item.Number("frames")} frames, "
                    + $"{item.Number("changedBlocks")} blocks changed");
                break;
            case EngineEvents.QueueOpened:
                Queues.Add($"{item.Text("device")}: {item.Text("kind")}, {item.Number("depth")} deep, {item.Number("bufferBytes") / 1024} KiB each");
                break;
            case EngineEvents.StageStart:
                Leave(item.Thread, thread, now);
                (thread.Stage, thread.Since) = (item.Text("stage"), now);
                break;
            case EngineEvents.StageStop:
                thread.Stage ??= item.Text("stage");
                Leave(item.Thread, thread, now);
                break;
            case EngineEvents.Waited:
                // A recording that began later has missed the stage's start; the wait tells it.
                thread.Stage ??= item.Text("stage");
                Wait(thread, item.Text("side"), now, item.Number("nanoseconds"));
                break;
            default:
                if (!TakeTransfer(item, thread, now))
                {
                    TakeWork(item, thread);
                }

                break;
        }
    }

    /// <summary>Ends what is still open where the trace ends.</summary>
    public void Close()
    {
        foreach (var (id, thread) in threads)
        {
            Leave(id, thread, Duration);
        }
    }

    private bool TakeTransfer(IEventPayload item, ThreadState thread, double now)
    {
        var queue = item.Id switch
        {
            EngineEvents.ReadSubmitted or EngineEvents.ReadReaped => SourceReads,
            EngineEvents.StoreWriteSubmitted or EngineEvents.StoreWriteReaped => StoreWrites,
            EngineEvents.TargetWriteSubmitted or EngineEvents.TargetWriteReaped => TargetWrites,
            _ => null,
        };
        if (queue is not null)
        {
            var (slot, offset, depth) = (item.Number("slot"), item.Number("offset"), item.Number("depth"));
            if (item.Id is EngineEvents.ReadSubmitted or EngineEvents.StoreWriteSubmitted or EngineEvents.TargetWriteSubmitted)
            {
                queue.Submitted(now, slot, offset, depth);
            }
            else
            {
                queue.Reaped(now, slot, offset, item.Number("length"), item.Number("error"), depth);
            }

            return true;
        }

        var call = item.Id switch
        {
            EngineEvents.StoreRead => StoreReads,
            EngineEvents.TargetZeroed => TargetZeros,
            EngineEvents.ReadSalvaged => Salvages,
            _ => null,
        };
        if (call is null)
        {
            return false;
        }

        var nanoseconds = item.Number("nanoseconds");
        call.Ended(now - nanoseconds, now, item.Number("offset"), item.Number("length"), 0);

        // A read that is held to a rate has waited for that already.
        Wait(thread, call == TargetZeros ? "output" : "input", now, nanoseconds - thread.CountedWithin(now - nanoseconds));
        return true;
    }

    private void TakeWork(IEventPayload item, ThreadState thread)
    {
        // What a duration contains of waits and of other work was counted as such already.
        double nanoseconds = item.Number("nanoseconds");
        var work = nanoseconds - thread.CountedWithin(item.Time - startedAt - nanoseconds);
        var stage = thread.Stage is null ? null : StageOf(thread.Stage);
        switch (item.Id)
        {
            case EngineEvents.BlocksHashed:
                HashedBlocks += item.Number("count");
                stage?.Spent("hash", work);
                break;
            case EngineEvents.BlocksCompared:
                ComparedBlocks += item.Number("count");
                ChangedBlocks += item.Number("changed");
                stage?.Spent("compare and hand on", work);
                break;
            case EngineEvents.WindowFilled:
                FilledBlocks += item.Number("count");
                stage?.Spent("put in place and prove", work);
                break;
            case EngineEvents.FramePacked:
                var codec = item.Number("codec");
                var so = Packed.GetValueOrDefault(codec);
                Packed[codec] = (so.Frames + 1, so.Plain + item.Number("plainBytes"), so.Stored + item.Number("storedBytes"), so.Nanoseconds + nanoseconds);
                stage?.Spent("compress and check", work);
                break;
            case EngineEvents.FrameDecoded:
                DecodedFrames++;
                stage?.Spent("decode", work);
                thread.Counted(item.Time - startedAt, work);
                break;
            case EngineEvents.FramesProven:
                ProvenFrames += item.Number("frames");
                stage?.Spent("prove", work);
                break;
        }
    }

    private void Wait(ThreadState thread, string side, double now, double nanoseconds)
    {
        if (thread.Stage is { } stage)
        {
            StageOf(stage).Waited(side, now - nanoseconds, now);
            thread.Counted(now, nanoseconds);
        }
    }

    private void Leave(long id, ThreadState thread, double now)
    {
        if (thread.Stage is { } stage)
        {
            StageOf(stage).Worked(id, thread.Since, now);
        }

        thread.Stage = null;
    }

    private Stage StageOf(string name)
    {
        if (!stages.TryGetValue(name, out var stage))
        {
            stages.Add(name, stage = new Stage(name));
        }

        return stage;
    }

    /// <summary>What a thread does at the moment.</summary>
    private sealed class ThreadState
    {
        private readonly Queue<(double To, double Nanoseconds)> recent = new();

        public string? Stage { get; set; }

        public double Since { get; set; }

        /// <summary>A part of the thread's time has been counted under its own name.</summary>
        public void Counted(double to, double nanoseconds)
        {
            // One transfer's work holds a few such parts; older ones are of no use to anybody.
            if (recent.Count == 256)
            {
                recent.Dequeue();
            }

            recent.Enqueue((to, nanoseconds));
        }

        /// <summary>What was counted of the time since then.</summary>
        public double CountedWithin(double from)
        {
            // By its end: an event is stamped a little after the duration it tells, and later still where the thread lost
            // its processor between the two, so a beginning that is worked out from it may lie behind the true one, and
            // behind the beginning of the first part within.
            double sum = 0;
            foreach (var wait in recent)
            {
                sum += wait.To > from ? wait.Nanoseconds : 0;
            }

            return sum;
        }
    }
}
