using Tidemark.Engine;

namespace Tidemark.Cli.Output;

/// <summary>The engine's advice in the words of the command line: which option it is.</summary>
internal static class AdviceText
{
    /// <summary>What happened, and behind it which option helps.</summary>
    public static string With(string reason, Advice advice) => Of(advice) is { } text ? $"{reason} {text}" : reason;

    public static string With(TidemarkException problem) => With(problem.Reason, problem.Advice);

    /// <summary>Null where there is nothing to add.</summary>
    public static string? Of(Advice advice) => advice switch
    {
        Advice.Overwrite => "Give --force to overwrite it.",
        Advice.Replace => "Give --force to replace it.",
        Advice.Resume => "Go on with --resume.",
        Advice.ResumeOrOverwrite => "Give --resume to go on with it, or --force to begin anew.",
        Advice.TakeAway => "Give --force to take it away all the same.",
        Advice.Salvage => "restore --salvage brings back what there is of it.",
        Advice.AllowUnreadable => "--max-unreadable says how many bytes may be unreadable.",
        Advice.Pattern => "Say --unreadable pattern to restore it with a pattern there, or restore an older image.",
        Advice.SayRaw => "If it is a raw disk that only looks like one, say --format raw.",
        Advice.SayQcow2OrRaw => "--format qcow2 takes the disk in it; --format raw says that this is right.",
        Advice.ConvertOrSayRaw => "Unpack or convert it (qemu-img convert) to have the disk in it; --format raw says that this is right.",
        Advice.SayNoFormat => "Check the path, or leave --format out.",
        Advice.SayFormat => "--format says which one it shall have.",
        Advice.NoSnapshot => "Give --snapshot none to image it as it is, best while nothing writes to it.",
        Advice.Fit => "Say --fit to leave them out.",
        Advice.AsIs => "Say --as-is to copy the bytes all the same.",
        Advice.FullImage => "Or make a full image (--kind full).",
        Advice.AnyImage => "Leave --kind out to begin with a full image.",
        Advice.NameChain => "Say which one with --chain and its folder's name.",
        Advice.OtherChain => "--chain NAME begins another chain.",
        Advice.OtherChainOrAdopt => "Give another --chain, or --adopt if the chain shall go on with this source.",
        _ => null,
    };
}
