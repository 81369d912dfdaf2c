namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// Opens the file that a differencing disk names as its parent, or answers null if there is none or it may not be
/// opened: what lies outside a disk's own file is the caller's policy. <paramref name="child"/> is the file that holds
/// the name (relative names start from its folder; <see cref="ParentPath.Resolve"/> does that), and
/// <paramref name="name"/> is the name with forward slashes. The disk that asked owns what is returned.
/// </summary>
internal delegate BlockDevice? ParentOpener(BlockDevice child, string name);
