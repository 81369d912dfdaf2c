namespace Tidemark.Engine.Volumes;

/// <summary>
/// A question to a device or file system that may never answer: asked by a thread of its own, which stays behind then.
/// </summary>
/// <typeparam name="T">What is answered.</typeparam>
internal sealed class BoundedCall<T>
{
    /// <summary>The thread does little more than system calls.</summary>
    private const int StackSize = 512 << 10;

    private readonly Thread thread;
    private T? answer;
    private Exception? failure;

    /// <summary>Asks; the call runs from now on.</summary>
    public BoundedCall(Func<T> call)
    {
        thread = new Thread(() => Run(call), StackSize) { IsBackground = true, Name = "bounded call" };
        thread.Start();
    }

    /// <summary>Waits for the answer, and throws what the call threw.</summary>
    /// <param name="patience">How long; counted from now.</param>
    /// <param name="value">The answer.</param>
    /// <returns>False where there is none yet.</returns>
    public bool TryWait(TimeSpan patience, out T? value)
    {
        value = default;
        if (!thread.Join(patience))
        {
            return false;
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        value = answer;
        return true;
    }

    private void Run(Func<T> call)
    {
        try
        {
            answer = call();
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to who waits for the answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }
    }
}
