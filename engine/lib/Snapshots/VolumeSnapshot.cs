namespace Tidemark.Engine.Snapshots;

/// <summary>One volume at the point in time it is held at.</summary>
/// <param name="Kind">What holds it: "vss".</param>
/// <param name="Volume">The volume, by the provider's name for it.</param>
/// <param name="DevicePath">The device to read that point from.</param>
/// <param name="Id">What the provider knows the snapshot by.</param>
/// <param name="Created">The point in time.</param>
internal sealed record VolumeSnapshot(string Kind, string Volume, string DevicePath, string Id, DateTimeOffset Created);
