namespace Tidemark.Engine;

/// <summary>Advice in the engine's own words.</summary>
internal static class AdviceWords
{
    /// <summary>What happened, and behind it what to do.</summary>
    public static string With(string reason, Advice advice) => advice == Advice.None ? reason : $"{reason} {Of(advice)}";

    private static string Of(Advice advice) => advice switch
    {
        Advice.Overwrite => "It is overwritten only where that is asked for.",
        Advice.Replace => "It is replaced only where that is asked for.",
        Advice.Resume => "It can be resumed.",
        Advice.ResumeOrOverwrite => "It can be resumed, or overwritten where that is asked for.",
        Advice.TakeAway => "It can be taken away by force.",
        Advice.Salvage => "What there is of it can be salvaged.",
        Advice.AllowUnreadable => "Allow more unreadable bytes to image what can be read.",
        Advice.Pattern => "It can be restored with a pattern there; or restore an older image.",
        Advice.SayRaw => "If it is a raw disk that only looks like one, say that it is raw.",
        Advice.SayQcow2OrRaw => "Say that it is qcow2 to have the disk in it, or raw if this is right.",
        Advice.ConvertOrSayRaw => "Unpack or convert it (qemu-img convert) to have the disk in it, or say that it is raw if this is right.",
        Advice.SayNoFormat => "Check the path, or leave the format out.",
        Advice.SayFormat => "Say which format it shall have.",
        Advice.NoSnapshot => "Without a snapshot it is imaged as it is; do that best while nothing writes to it.",
        Advice.Fit => "It fits if those are left out.",
        Advice.AsIs => "The bytes can be copied as they are all the same.",
        Advice.FullImage => "A full image can be made all the same.",
        Advice.AnyImage => "Leave the kind of image out to begin with a full one.",
        Advice.NameChain => "Name the chain by its folder.",
        Advice.OtherChain => "Begin another chain by giving it a name.",
        Advice.OtherChainOrAdopt => "Name another chain, or adopt this one if it shall go on with this source.",
        _ => throw new ArgumentOutOfRangeException(nameof(advice), advice, "There is no such advice."),
    };
}
