namespace Tidemark.Engine.Devices;

/// <summary>
/// Which file or device something is on this machine while it runs: a block device by its own number, a file by its
/// file system's number and its inode. Equal means the same storage; it says nothing across machines or restarts.
/// </summary>
/// <param name="IsBlockDevice">Whether the numbers are a block device's own; <paramref name="Inode"/> is 0 then.</param>
internal readonly record struct FileIdentity(bool IsBlockDevice, uint Major, uint Minor, ulong Inode);
