using System.Diagnostics;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>One request of a client while it is under way: where its reply goes, and what has come of it.</summary>
internal sealed unsafe class NbdTransfer
{
    /// <summary>Ranges of one answer that are kept; what is behind is asked for again.</summary>
    public const int MaxExtents = 16384;

    private readonly INbdCompletion? completion;
    private readonly int slot;

    /// <param name="completion">Told of its end; null where somebody waits for it.</param>
    /// <param name="slot">What the completion is told with it.</param>
    public NbdTransfer(INbdCompletion? completion = null, int slot = 0)
    {
        this.completion = completion;
        this.slot = slot;
    }

    public NbdRequest Request { get; private set; }

    /// <summary>Where a read's bytes go; it stays there until the end.</summary>
    public byte* Target { get; private set; }

    /// <summary>Bytes of a read that have come.</summary>
    public long Covered { get; set; }

    /// <summary>0, or an error number of Linux.</summary>
    public int Error { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>Lengths and flags of block status, in order.</summary>
    public List<(uint Length, uint Flags)>? Extents { get; set; }

    public void Start(in NbdRequest request, byte* target)
    {
        Request = request;
        Target = target;
        Covered = 0;
        Error = 0;
        IsDone = false;
        Extents?.Clear();
    }

    /// <summary>The first error counts.</summary>
    public void Fail(int error) => Error = Error == 0 ? error : Error;

    public void Finish()
    {
        if (completion is not null)
        {
            completion.Finished(slot, Error);
            return;
        }

        lock (this)
        {
            IsDone = true;
            Monitor.Pulse(this);
        }
    }

    public void Wait()
    {
        Debug.Assert(completion is null);
        lock (this)
        {
            while (!IsDone)
            {
                Monitor.Wait(this);
            }
        }
    }
}

/// <summary>Who is told of the end of transfers, on the connection's own thread.</summary>
internal interface INbdCompletion
{
    void Finished(int slot, int error);
}
