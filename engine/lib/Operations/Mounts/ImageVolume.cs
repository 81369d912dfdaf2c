using Tidemark.Engine.Mounting;

namespace Tidemark.Engine.Operations.Mounts;

/// <summary>A volume in an image.</summary>
/// <param name="Name">"p1" for the first partition of a disk; empty for an image that is a volume.</param>
/// <param name="Offset">Where it begins in the image, in bytes.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="FileSystem">What it holds, or null.</param>
/// <param name="Label">The volume's label, or null.</param>
/// <param name="Path">Where it is mounted, or null.</param>
/// <param name="Problem">Why it isn't mounted, or null.</param>
/// <param name="DefaultSubvolume">Of a btrfs that was mounted: the path of the subvolume that its system mounts where it names none; null where that is the top.</param>
public sealed record ImageVolume(
    string Name, long Offset, long Bytes, string? FileSystem, string? Label, string? Path = null, string? Problem = null,
    string? DefaultSubvolume = null)
{
    internal static ImageVolume Of(VolumePlace place, string? path = null, string? problem = null, string? defaultSubvolume = null) =>
        new(place.Name, place.Offset, place.Length, place.Content?.Type, place.Content?.Label, path, problem, defaultSubvolume);
}
