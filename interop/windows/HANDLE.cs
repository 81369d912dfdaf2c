namespace TerraFX.Interop.Windows;

public readonly unsafe struct HANDLE(void* value) : IEquatable<HANDLE>
{
    public readonly void* Value = value;

    public static HANDLE INVALID_VALUE => new((void*)-1);

    public static HANDLE NULL => new(null);

    public static explicit operator HANDLE(void* value) => new(value);

    public static implicit operator void*(HANDLE value) => value.Value;

    public static explicit operator HANDLE(nint value) => new((void*)value);

    public static implicit operator nint(HANDLE value) => (nint)value.Value;

    public static bool operator ==(HANDLE left, HANDLE right) => left.Value == right.Value;

    public static bool operator !=(HANDLE left, HANDLE right) => left.Value != right.Value;

    public bool Equals(HANDLE other) => (nuint)Value == (nuint)other.Value;

    public override bool Equals(object? obj) => obj is HANDLE other && Equals(other);

    public override int GetHashCode() => ((nuint)Value).GetHashCode();
}
