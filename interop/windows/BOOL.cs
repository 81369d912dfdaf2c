namespace TerraFX.Interop.Windows;

public readonly struct BOOL(int value) : IEquatable<BOOL>
{
    public readonly int Value = value;

    public static BOOL FALSE => new(0);

    public static BOOL TRUE => new(1);

    public static implicit operator bool(BOOL value) => value.Value != 0;

    public static implicit operator BOOL(bool value) => new(value ? 1 : 0);

    public static implicit operator BOOL(int value) => new(value);

    public static implicit operator int(BOOL value) => value.Value;

    public static bool operator ==(BOOL left, BOOL right) => left.Value == right.Value;

    public static bool operator !=(BOOL left, BOOL right) => left.Value != right.Value;

    public static bool operator true(BOOL value) => value.Value != 0;

    public static bool operator false(BOOL value) => value.Value == 0;

    public bool Equals(BOOL other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is BOOL other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();
}
