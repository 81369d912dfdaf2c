namespace Tidemark.Engine.Format;

/// <summary>How a child names its parent: by what it is and by the digest of its index, never by a path.</summary>
internal readonly record struct ParentLink(Guid ImageId, long Sequence, UInt128 IndexDigest);
