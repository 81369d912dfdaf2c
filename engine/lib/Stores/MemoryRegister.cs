using System.Globalization;

namespace Tidemark.Engine.Stores;

/// <summary>A register in memory: exact.</summary>
internal sealed class MemoryRegister : StoreRegister
{
    private readonly Lock gate = new();
    private byte[]? value;
    private long version;

    public override bool IsExact => true;

    public override RegisterState Read()
    {
        lock (gate)
        {
            return new RegisterState(value?.ToArray(), Version);
        }
    }

    public override bool TrySet(byte[]? value, string? expected)
    {
        lock (gate)
        {
            if (Version != expected)
            {
                return false;
            }

            this.value = value?.ToArray();
            version++;
            return true;
        }
    }

    private string? Version => value is null ? null : version.ToString(CultureInfo.InvariantCulture);
}
