namespace Tidemark.Engine.Programs;

/// <summary>
/// Work beside a run, on a thread that is there when this returns or whose lack is thrown where it can be told. The runtime's
/// pool makes its threads when it likes, and where it can make none it ends the process; reads of pipes that complete by
/// themselves go through it too.
/// </summary>
internal static class OwnThread
{
    /// <summary>Stacks hold small buffers.</summary>
    private const int StackSize = 512 << 10;

    /// <param name="name">What debuggers call it.</param>
    /// <param name="work">What is done.</param>
    /// <exception cref="OutOfMemoryException">No more threads can be made.</exception>
    public static Task<T> Run<T>(string name, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.None);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(work());
                }
#pragma warning disable CA1031 // Whatever it is, it is thrown where the result is asked for.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    done.SetException(e);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>Reads all that comes, as it comes: a pipe that is full would hold up who writes.</summary>
    public static Task<string> Read(StreamReader reader) => Run("output of a program", reader.ReadToEnd);
}
