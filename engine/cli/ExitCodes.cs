using Tidemark.Engine;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Extraction;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
namespace Tidemark.Cli;

/// <summary>How the program ends. The values are a contract with the scripts and programs that start it.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing to remark.</summary>
    public const int Done = 0;

    /// <summary>
    /// The operation failed. Also <c>verify --against</c> where everything stored is whole and the source differs:
    /// a source that changed since is no damage, but the comparison that was asked for failed.
    /// </summary>
    public const int Failed = 1;

    /// <summary>The request makes no sense or contradicts what is there; nothing was begun.</summary>
    public const int WrongUse = 2;

    /// <summary>Done, but blocks were unreadable: now (backup), or when the image was made (restore).</summary>
    public const int Unreadable = 3;

    /// <summary>Something stored is missing, altered or malformed. It outranks <see cref="Unreadable"/>.</summary>
    public const int Damaged = 4;

    /// <summary>Another run holds the chain.</summary>
    public const int Busy = 5;

    /// <summary>The chain is encrypted and the key is wrong or missing.</summary>
    public const int Key = 6;

    /// <summary>
    /// A deep verification found no damage, but proved nothing of an encrypted chain, since there was no key: only stored
    /// checksums were verified.
    /// </summary>
    public const int NotProven = 7;

    /// <summary>Ended by Ctrl-C, SIGTERM or SIGHUP: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    public static int Of(TidemarkError error) => error switch
    {
        TidemarkError.WrongUse => WrongUse,
        TidemarkError.Damaged => Damaged,
        TidemarkError.Busy => Busy,
        TidemarkError.Key => Key,
        _ => Failed,
    };

    /// <summary>Of an image that was made.</summary>
    public static int Of(BackupResult result) => result.UnreadableBytes > 0 ? Unreadable : Done;

    /// <summary>
    /// Of several sources. Wrong use means that nothing was begun, so where something was imaged a source that couldn't be
    /// is one that failed.
    /// </summary>
    public static int Of(BackupSetResult result) => Worst(
    [
        .. result.Images.Select(Of),
        .. result.Failed.Select(failed => Of(failed.Error) is var code && code == WrongUse && result.Images.Count > 0 ? Failed : code),
    ]);

    /// <summary>Of a verification.</summary>
    public static int Of(VerifyResult result, VerifyDepth depth) => Worst(
    [
        result.Findings.Count > 0 ? Damaged : Done,
        result.DifferentRanges > 0 ? Failed : Done,
        .. result.Chains.Select(chain => chain.Key switch
        {
            ChainKeyState.Wrong => Key,
            ChainKeyState.Missing when depth == VerifyDepth.Deep => NotProven,
            _ => Done,
        }),
    ]);

    /// <summary>Of files that were listed or brought back: a damaged one outranks one that couldn't be made here.</summary>
    public static int Of(IReadOnlyList<FileProblem> problems) =>
        problems.Any(problem => problem.IsDamage) ? Damaged : problems.Count > 0 ? Failed : Done;

    /// <summary>Of content that was brought back.</summary>
    public static int Of(IReadOnlyList<DamagedRange> damaged, long unreadableBytes) =>
        damaged.Count > 0 ? Damaged : unreadableBytes > 0 ? Unreadable : Done;

    /// <summary>Of a run of several parts: what was asked for and not done outranks what was done with something to look at.</summary>
    public static int Worst(IEnumerable<int> codes)
    {
        int[] ranks = [Damaged, Key, Busy, WrongUse, Failed, NotProven, Unreadable];
        var seen = codes.ToHashSet();
        return Array.Find(ranks, seen.Contains);
    }

    /// <summary>What JSON calls the kind of an error.</summary>
    public static string NameOf(int code) => code switch
    {
        WrongUse => "wrongUse",
        Damaged => "damaged",
        Busy => "busy",
        Key => "key",
        Interrupted => "interrupted",
        _ => "failed",
    };
}
