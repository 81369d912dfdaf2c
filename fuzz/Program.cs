using System.Globalization;
using Tidemark.Fuzz.Running;
using Tidemark.Fuzz.Seeds;

ThrowingListener.Install();
return args switch
{
    ["--list"] => List(),
    ["--smoke", .. var options] => RunSmoke(options),
    ["--replay", var name, .. var files] when files.Length > 0 => Replay(Find(name), files),
    ["--dictionary", var name] => ShowDictionary(Find(name)),
    ["--make-corpus"] => CorpusMaker.Run(),
    ["--afl", var name] => Afl(Find(name)),
    ["--libfuzzer", var name] => LibFuzzer(Find(name)),
    _ => Usage(),
};

static FuzzTarget Find(string name) => TargetList.All.FirstOrDefault(target => target.Name == name)
    ?? throw new ArgumentException($"There is no target {name}; --list shows them.");

static int List()
{
    foreach (var target in TargetList.All)
    {
        Console.WriteLine(target.Name);
    }

    return 0;
}

static int ShowDictionary(FuzzTarget target)
{
    Console.WriteLine(Dictionary.FileOf(target.Dictionary));
    return 0;
}

static int RunSmoke(string[] options)
{
    var seconds = double.Parse(Value(options, "--seconds") ?? "10", CultureInfo.InvariantCulture);
    var text = Value(options, "--seed") ?? Environment.GetEnvironmentVariable("TIDEMARK_SEED");
    var seed = ulong.TryParse(text, CultureInfo.InvariantCulture, out var given) ? given : (uint)Random.Shared.Next();
    var targets = Value(options, "--target") is { } only ? [Find(only)] : TargetList.All;
    var failed = new Smoke(seed, TimeSpan.FromSeconds(seconds)).Run(targets);
    Console.WriteLine($"{targets.Count - failed} passed, {failed} failed, 0 skipped");
    return failed == 0 ? 0 : 1;
}

static string? Value(string[] options, string name) =>
    Array.IndexOf(options, name) is var at and >= 0 && at + 1 < options.Length ? options[at + 1] : null;

static int Replay(FuzzTarget target, string[] files)
{
    var failed = 0;
    foreach (var file in files)
    {
        var find = Execution.Try(target, File.ReadAllBytes(file), out var refusal);
        failed += find is null ? 0 : 1;
        Console.WriteLine(find is not null ? $"{file}: {find}" : refusal is null ? $"{file}: taken" : $"{file}: refused: {refusal}");
    }

    return failed == 0 ? 0 : 1;
}

static int Afl(FuzzTarget target)
{
    var buffer = new byte[Execution.MaxInput];
    SharpFuzz.Fuzzer.OutOfProcess.Run((Stream stream) =>
    {
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        Execution.Run(target, buffer.AsSpan(0, length));
    });
    return 0;
}

static int LibFuzzer(FuzzTarget target)
{
    SharpFuzz.Fuzzer.LibFuzzer.Run(input => Execution.Run(target, input[..Math.Min(input.Length, Execution.MaxInput)]));
    return 0;
}

static int Usage()
{
    Console.WriteLine(
        """
        Usage: Tidemark.Fuzz MODE
          --list                                  the targets
          --smoke [--seconds N] [--seed N] [--target NAME]
                                                  corpora and random mutations of all targets, N seconds in all
          --replay TARGET FILE...                 runs a target on files
          --dictionary TARGET                     the file of words that mean something to it
          --make-corpus                           writes the seed inputs again
          --afl TARGET, --libfuzzer TARGET        under afl-fuzz or libfuzzer-dotnet (see fuzz/run)
        """);
    return 2;
}
