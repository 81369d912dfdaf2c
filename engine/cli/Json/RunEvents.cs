namespace Tidemark.Cli.Json;

/// <summary>How far a run is. Sizes are bytes.</summary>
internal sealed class ProgressEvent(
    string phase, long doneBytes, long totalBytes, long changedBytes, long bytesPerSecond, long? secondsLeft)
    : CliEvent("progress")
{
    public string Phase => phase;

    public long DoneBytes => doneBytes;

    public long TotalBytes => totalBytes;

    public long ChangedBytes => changedBytes;

    public long BytesPerSecond => bytesPerSecond;

    public long? SecondsLeft => secondsLeft;
}

/// <summary>Something the user should know although the run goes on.</summary>
internal sealed class WarningEvent(string message) : CliEvent("warning")
{
    public string Message => message;
}

/// <summary>The last line of a run that failed.</summary>
internal sealed class ErrorEvent(string? verb, int code, string message) : CliEvent("error")
{
    public string? Verb => verb;

    public int Code => code;

    public string Kind => ExitCodes.NameOf(code);

    public string Message => message;
}

/// <summary>A range that differs between two images.</summary>
internal sealed class RangeEvent(long offset, long length) : CliEvent("range")
{
    public long Offset => offset;

    public long Length => length;
}
