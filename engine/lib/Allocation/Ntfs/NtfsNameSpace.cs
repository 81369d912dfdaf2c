namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>Whose rules a name follows (Linux-NTFS project's layout.h, FILE_NAME_TYPE_FLAGS).</summary>
internal enum NtfsNameSpace : byte
{
    Posix = 0,
    Win32 = 1,

    /// <summary>A short name beside one of <see cref="Win32"/>.</summary>
    Dos = 2,

    Both = 3,
}
