using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Stores;

/// <summary>Who holds a folder, as <see cref="StoreNames.OwnerFile"/> says it (FORMAT.md, "The owner of a chain").</summary>
internal sealed record LockOwner
{
    /// <summary>What the file has at most, in bytes; a longer one is none of Tidemark's.</summary>
    public const int MaxBytes = 1024;

    private const string Magic = "tidemark owner 1";

    /// <summary>Names are shown to people and come from outside: so long, and no longer.</summary>
    private const int MaxName = 64;

    /// <summary>Drawn for each holding of a lock: what is told apart by it is who holds it, not which process.</summary>
    public required Guid Token { get; init; }

    /// <summary>The machine's id and host name, hashed.</summary>
    public required string Machine { get; init; }

    public required string Host { get; init; }

    /// <summary>Which start of the machine; "-" where the start of the process says enough.</summary>
    public required string Boot { get; init; }

    /// <summary>Which numbering of processes: that of the machine, or a container's.</summary>
    public required string Space { get; init; }

    public required int Process { get; init; }

    /// <summary>When the process began, in the system's own unit: with its number it names the process for good.</summary>
    public required long Started { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The last sign of life, by the holder's clock.</summary>
    public required DateTimeOffset Seen { get; init; }

    /// <summary>Signs of life so far: that it grows is what another machine goes by, since clocks differ.</summary>
    public long Beat { get; init; }

    /// <summary>Who and since when, for people.</summary>
    public string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"host {Host}, process {Process}, since {LocalTime.Text(Since)}");

    /// <summary>The file's content: lines of a name and a value, filled with blanks so that no version of it is longer.</summary>
    public byte[] ToBytes()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Magic}\ntoken {Token:N}\nmachine {Machine}\nhost {Clean(Host)}\nboot {Boot}\nspace {Space}\nprocess {Process}\nstarted {Started}\nsince {Since.UtcDateTime:O}\nseen {Seen.UtcDateTime:O}\nbeat {Beat}\nend\n");
        var bytes = new byte[MaxBytes];
        bytes.AsSpan().Fill((byte)' ');
        bytes[^1] = (byte)'\n';
        _ = Encoding.UTF8.GetBytes(text, bytes.AsSpan(0, MaxBytes - 1));
        return bytes;
    }

    /// <summary>Null where the file isn't whole: being written just now, cut off, or another's.</summary>
    public static LockOwner? TryParse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxBytes)]).Split('\n');
        var at = 0;
        if (lines[at++] != Magic
            || !Guid.TryParseExact(Value("token"), "N", out var token)
            || Value("machine") is not { Length: > 0 } machine
            || Value("host") is not { } host
            || Value("boot") is not { } boot
            || Value("space") is not { } space
            || !int.TryParse(Value("process"), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            || !long.TryParse(Value("started"), NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            || !TryTime(Value("since"), out var since)
            || !TryTime(Value("seen"), out var seen)
            || !long.TryParse(Value("beat"), NumberStyles.None, CultureInfo.InvariantCulture, out var beat)
            || Value("end") is null)
        {
            return null;
        }

        return new LockOwner
        {
            Token = token,
            Machine = machine,
            Host = Clean(host),
            Boot = boot,
            Space = space,
            Process = process,
            Started = started,
            Since = since,
            Seen = seen,
            Beat = beat,
        };

        string? Value(string name)
        {
            var line = at < lines.Length ? lines[at++] : "";
            return line == name ? "" : line.StartsWith(name + " ", StringComparison.Ordinal) ? line[(name.Length + 1)..] : null;
        }
    }

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static string Clean(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxName)))
        {
            text.Append(char.IsControl(c) ? '?' : c);
        }

        return text.ToString();
    }
}
