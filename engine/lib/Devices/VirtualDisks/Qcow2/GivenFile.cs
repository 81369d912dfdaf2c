namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>A file that the user gave, which others may name.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Format">What it is taken for: "raw", "qcow2", or a format that no qcow2 file builds on here.</param>
internal sealed record GivenFile(string Path, FileIdentity Identity, string Format);
