namespace TerraFX.Interop.Windows;

public readonly struct HRESULT(int value) : IEquatable<HRESULT>
{
    public readonly int Value = value;

    public bool SUCCEEDED => Value >= 0;

    public bool FAILED => Value < 0;

    public static implicit operator HRESULT(int value) => new(value);

    public static implicit operator int(HRESULT value) => value.Value;

    public static bool operator ==(HRESULT left, HRESULT right) => left.Value == right.Value;

    public static bool operator !=(HRESULT left, HRESULT right) => left.Value != right.Value;

    public bool Equals(HRESULT other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is HRESULT other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();
}
