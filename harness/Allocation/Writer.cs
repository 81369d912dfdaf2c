using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>Somebody who changes files all the time, until disposed.</summary>
internal sealed class Writer : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly Task task;

    public Writer(string folder, Random random)
    {
        var own = new Random(random.Next());
        task = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                FileHistory.Live(folder, own, steps: 10, most: 1 << 20);
            }
        });
    }

    public void Dispose()
    {
        end.Cancel();
        task.GetAwaiter().GetResult();
        end.Dispose();
    }
}
