using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Inputs;

/// <summary>What the targets of file systems share.</summary>
internal static class Volumes
{
    /// <summary>A volume with the input at an offset.</summary>
    public static VolumeView At(long offset, ReadOnlySpan<byte> input) => new(SparseDevice.At(offset, input));

    /// <summary>What a parser said has to fit into an image's header and onto a terminal.</summary>
    public static void Check(VolumeContent? content)
    {
        if (content is null)
        {
            return;
        }

        CheckLabel(content.Label);
        if (content.IdentityText is { } text)
        {
            CheckIdentity(SourceIdentity.Of(new IdentityItem(IdentityKind.FileSystem, text)));
        }
    }

    public static void CheckLabel(string? label) => FindException.Unless(
        label is null || (label.Length <= 256 && !label.Any(char.IsControl)), $"A label has {label?.Length} characters or control characters.");

    public static void CheckIdentity(SourceIdentity identity)
    {
        var area = new byte[SourceIdentityCodec.AreaSize];
        identity.Write(area);
        FindException.Unless(SourceIdentity.Read(area).Equals(identity), $"The identity {identity} reads back differently.");
    }
}
