using System.Globalization;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations;

/// <summary>
/// How the command line names an image: <c>CHAIN@SEQUENCE</c>, <c>CHAIN@latest</c>, or <c>CHAIN</c> for its tip, where
/// CHAIN is the path of a chain's folder.
/// </summary>
internal readonly record struct ImageAddress(string ChainPath, long? Sequence)
{
    private const string Latest = "latest";

    public static ImageAddress Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at > 0)
        {
            var tail = text.AsSpan(at + 1);
            if (tail.Equals(Latest, StringComparison.OrdinalIgnoreCase))
            {
                return new ImageAddress(text[..at], null);
            }

            if (long.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0)
            {
                return new ImageAddress(text[..at], sequence);
            }
        }

        return new ImageAddress(text, null);
    }

    /// <summary>Whether a text names one image and not its chain.</summary>
    public static bool NamesOne(string text) => Parse(text).ChainPath != text;

    /// <summary>Opens the chain and unlocks it where it is encrypted.</summary>
    /// <exception cref="TidemarkException">The folder isn't there, holds no images, or the key is missing or wrong.</exception>
    public Chain OpenChain(KeyOptions key)
    {
        var chain = OpenLocked();
        try
        {
            if (!chain.Encrypted && key != KeyOptions.None)
            {
                // Whoever gives a key expects content that somebody with the key wrote.
                throw TidemarkException.WrongUse(
                    $"{ChainPath} isn't encrypted. If it should be, its images were exchanged: look at another copy. Else leave the key out.");
            }

            if (chain.Encrypted)
            {
                using var source = key.Open();
                chain.Unlock(source);
            }

            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <summary>Opens the chain without its key: headers, footers and stored checksums can be read.</summary>
    public Chain OpenLocked()
    {
        var folder = LocalStoreFolder.Open(ChainPath);
        var chain = Chain.Load(folder);
        if (chain.Members.Count == 0)
        {
            chain.Dispose();
            throw TidemarkException.WrongUse(
                $"{ChainPath} holds no images. Give a chain's folder; 'tidemark list STORE' shows those of a store.");
        }

        return chain;
    }

    /// <summary>The image in its chain: the one with the number, or the tip.</summary>
    public ImageReader Find(Chain chain)
    {
        if (Sequence is { } sequence)
        {
            return chain.Get(sequence);
        }

        // The newest member is meant even where it is damaged: taking an older one silently would restore the wrong day.
        return chain.Get(chain.Members[^1].Sequence);
    }
}
