using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>The system's own programs that mount.</summary>
internal static class MountPrograms
{
    public static SystemProgram Mount { get; } = new("mount", "mount");

    public static SystemProgram Unmount { get; } = new("umount", "mount");

    public static SystemProgram Loop { get; } = new("losetup", "mount");

    public static SystemProgram NbdFuse { get; } = new("nbdfuse", "libnbd-bin");

    public static SystemProgram FuseUnmount { get; } = new("fusermount3", "fuse3");
}
