namespace Tidemark.Engine.Devices;

/// <summary>
/// Which file or device something is on this machine while it runs: a block device by its own number, a file by its
/// file system's number and its inode. Equal means the same storage; it says nothing across machines or restarts.
/// </summary>
/// <remarks>
/// On Windows a file's system is its volume's serial number (its halves), and the inode is the file's id, of which ReFS
/// has 128 bits; a device is its type, its number and its partition's number, or a hash of its name where the system
/// numbers it not.
/// </remarks>
/// <param name="IsBlockDevice">Whether the numbers are a block device's own; on Linux <paramref name="Inode"/> is 0 then.</param>
internal readonly record struct FileIdentity(bool IsBlockDevice, uint Major, uint Minor, ulong Inode, ulong InodeHigh = 0);
