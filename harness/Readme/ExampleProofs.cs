using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>Which proof is whose.</summary>
internal static class ExampleProofs
{
    /// <summary>Verbs whose examples wait for half a minute and need no processor meanwhile.</summary>
    private static readonly string[] PatientVerbs = ["bootcheck", "unlock"];

    /// <summary>The proofs, by the example they are of.</summary>
    public static IReadOnlyDictionary<string, Action<ReadmeSandbox>> All { get; } = BackupExamples.All
        .Concat(RestoreExamples.All).Concat(FileExamples.All).Concat(DiskFileExamples.All).Concat(ServingExamples.All)
        .Concat(UpkeepExamples.All).Concat(ProjectExamples.All).Concat(PageExamples.All).ToDictionary(proof => proof.Command, proof => proof.Proof);

    /// <summary>The examples that wait, or the others.</summary>
    public static TheoryData<string> Examples(bool patient) =>
        [.. ReadmeText.Examples.Select(example => example.Command).Distinct().Where(command => PatientVerbs.Contains(command.Split(' ')[1..].FirstOrDefault()) == patient)];

    /// <summary>Proves an example; one that nobody has written a proof for fails.</summary>
    public static void Prove(string example)
    {
        if (WindowsExamples.All.Contains(example))
        {
            WindowsExamples.Prove(example);
            return;
        }

        if (!All.TryGetValue(example, out var prove))
        {
            Assert.Fail("README.md or a page of engine/docs has an example that no test proves; write its proof beside the others here.");
        }

        OnlyOn.Linux();
        using var sandbox = new ReadmeSandbox(example);
        prove(sandbox);
        foreach (var shown in ReadmeText.Examples.Where(shown => shown.Command == example && shown.Output.Length > 0))
        {
            Assert.Equal(ShownOutput.Shape(shown.Output), ShownOutput.Shape(sandbox.Said ?? ""));
        }
    }
}
