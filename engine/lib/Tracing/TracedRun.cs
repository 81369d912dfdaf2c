namespace Tidemark.Engine.Tracing;

/// <summary>One operation from its beginning to its end, on the thread that calls it.</summary>
internal sealed class TracedRun : IDisposable
{
    private readonly string operation;
    private readonly long began;
    private bool completed;

    /// <param name="operation">"backup", "restore", "verify".</param>
    /// <param name="subject">What the user named: source, image, store.</param>
    public TracedRun(string operation, string subject)
    {
        this.operation = operation;
        began = Tracer.Begin();
        if (Tracer.On)
        {
            Tracer.Log.RunStart(operation, subject);
        }

        Tracer.EnterStage("prepare");
    }

    /// <summary>The run did what it was to do.</summary>
    public T Completed<T>(T result)
    {
        completed = true;
        return result;
    }

    public void Dispose()
    {
        Tracer.LeaveStage();
        if (Tracer.On)
        {
            Tracer.Log.RunStop(operation, completed ? 1 : 0, Tracer.Since(began));
        }
    }
}
