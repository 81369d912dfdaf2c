using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>The register of a simulated folder: exact, durable at once, and each call may be the last one of its process.</summary>
internal sealed class SimulatedRegister(SimulatedProcess process, FolderContent content) : StoreRegister
{
    public override bool IsExact => true;

    public override RegisterState Read()
    {
        process.Call(IoKind.Lock, content.Name);
        return content.Owner.Read();
    }

    public override bool TrySet(byte[]? value, string? expected)
    {
        process.Call(IoKind.Lock, content.Name);
        return content.Owner.TrySet(value, expected);
    }
}
