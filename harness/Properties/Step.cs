namespace Tidemark.Harness.Properties;

/// <summary>What happens to a volume and its chains.</summary>
public enum StepKind
{
    /// <summary>Makes an image.</summary>
    Backup,

    /// <summary>Writes noise.</summary>
    Write,

    /// <summary>Writes zeros as content.</summary>
    Zero,

    /// <summary>Takes the storage of a range away.</summary>
    Trim,

    /// <summary>Writes what is there already.</summary>
    Rewrite,

    /// <summary>Writes what stands elsewhere in the volume.</summary>
    Copy,

    /// <summary>Makes the volume longer or shorter.</summary>
    Resize,

    /// <summary>Makes sectors unreadable.</summary>
    Fail,

    /// <summary>Makes all sectors readable again.</summary>
    Heal,

    /// <summary>Gives the folder of a chain another name.</summary>
    Move,

    /// <summary>Copies the folder of a chain; both copies are continued.</summary>
    Fork,
}

/// <summary>
/// One operation as plain data: three numbers that every state of the volume gives a meaning, so that a history stays
/// valid whatever is taken out of it or made smaller.
/// </summary>
/// <param name="Place">Where; taken modulo what there is.</param>
/// <param name="Size">How much; taken modulo what is sensible.</param>
/// <param name="Draw">Content and variants.</param>
public sealed record Step(StepKind Kind, int Place, int Size, int Draw);
