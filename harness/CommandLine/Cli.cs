using System.Globalization;
using System.Text.Json;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.CommandLine;

/// <summary>What tests of the command line do again and again.</summary>
internal static class Cli
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;
    public const int Unreadable = 3;
    public const int Damaged = 4;
    public const int Busy = 5;
    public const int Key = 6;
    public const int Interrupted = 130;

    /// <summary>A file of noise, the same for the same seed.</summary>
    public static string Noise(TempFolder folder, string name, int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        File.WriteAllBytes(folder.At(name), content);
        return folder.At(name);
    }

    /// <summary>Writes noise into a file.</summary>
    public static void Overwrite(string path, long offset, int length, int seed)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = offset;
        file.Write(content);
    }

    /// <summary>Turns over the bits of one byte.</summary>
    public static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)~value);
    }

    /// <summary>Backs up, with <c>--json</c>, and returns the result.</summary>
    public static JsonElement Backup(string source, string store, params string[] more) =>
        TidemarkCli.Run(["backup", source, "--to", store, "--json", .. more]).Succeeded().Result;

    public static string Text(this JsonElement item, string field) => item.GetProperty(field).GetString()!;

    public static long Number(this JsonElement item, string field) => item.GetProperty(field).GetInt64();

    public static string At(this JsonElement backup, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{backup.Text("chain")}@{sequence}");

    /// <summary>The event "error" with a code, which is the program's exit code too.</summary>
    public static string Refused(this CliResult result, int code, string kind)
    {
        result.EndedWith(code);
        if (result.Last.Text("event") != "error" || result.Last.Number("code") != code || result.Last.Text("kind") != kind)
        {
            throw new InvalidOperationException($"{result.Process.Command} ended with {result.Last.GetRawText()}");
        }

        return result.Last.Text("message");
    }
}
