namespace Tidemark.Engine.Files;

/// <summary>A file that is brought back can't be written: the target's error, and nothing that is stored is to blame.</summary>
internal sealed class TargetFileException(string path, IOException cause)
    : TidemarkException(TidemarkError.Failed, $"{path} can't be written: {cause.Message.TrimEnd('.')}. Make room there, or give another folder.", cause);
