namespace Tidemark.Engine.Keys;

/// <summary>What opens a key slot; the values stand in the slot's first byte.</summary>
internal enum KeySlotKind : byte
{
    /// <summary>Nothing: the slot is free, and all of its bytes are zero.</summary>
    Empty = 0,

    /// <summary>A passphrase, through Argon2id.</summary>
    Passphrase = 1,

    /// <summary>The content of a key file, through HKDF-SHA256.</summary>
    KeyFile = 2,
}
