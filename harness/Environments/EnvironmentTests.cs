using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Environments;

/// <summary>Takes verbs through surroundings: each does its work, or says what it lacks, ends with a code of the table and loses nothing.</summary>
public sealed class EnvironmentTests(Prototype prototype) : IClassFixture<Prototype>
{
    /// <summary>Verbs of a row in the short form, others in each run.</summary>
    private const int Drawn = 2;

    /// <summary>What no run may say or end with, wherever it is.</summary>
    private static readonly string[] Never = ["defect", "Unhandled", "   at Tidemark.", "   at System.", "Aborted"];

    /// <summary>Codes of a run that was refused something: failed, wrong use, busy. Damage and lost sectors would be untrue.</summary>
    private static readonly int[] Refused = [TestCli.Failed, TestCli.WrongUse, TestCli.Busy];

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var surroundings in AllSurroundings.All)
            {
                foreach (var form in surroundings.Forms)
                {
                    rows.Add(surroundings.Name, form);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_verb_does_its_work_or_says_what_it_lacks(string name, string form)
    {
        var surroundings = AllSurroundings.All.Single(s => s.Name == name);
        surroundings.Require(form);
        Assert.SkipUnless(prototype.IsMade, "Needs mkfs.ext4.");
        var wrong = new List<string>();
        foreach (var use in Draw(name, form))
        {
            if (surroundings.Missing(use, form) is { } reason)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{use.Verb}: not run: {reason}");
                continue;
            }

            try
            {
                Cell(surroundings, form, use);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                wrong.Add($"{name} ({form}), {use.Verb}: {e.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [Fact]
    public void Every_verb_of_the_command_line_is_in_the_table() =>
        Assert.Equal(
            Tidemark.Cli.CommandLine.Create().Subcommands.Select(command => command.Name).Order(StringComparer.Ordinal),
            VerbUses.All.Select(use => use.Verb).Order(StringComparer.Ordinal));

    [Fact]
    public void The_table_of_the_document_is_what_is_tested()
    {
        var lines = File.ReadAllLines(Repository.PathOf("harness", "RELIABILITY.md"));
        Assert.All(AllSurroundings.All, surroundings => Assert.Contains(surroundings.Line, lines));
    }

    /// <summary>All verbs, or some: in each run all of them, spread over the rows.</summary>
    private static IEnumerable<VerbUse> Draw(string name, string form)
    {
        if (LongForm.Is)
        {
            return VerbUses.All;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(Seed.Replay);
        var order = VerbUses.All.Where(use => !use.IsPatient).ToArray();
        new Random((int)Seed.Of("the order of verbs")).Shuffle(order);
        var rows = AllSurroundings.All.SelectMany(s => s.Forms.Select(f => (s.Name, Form: f))).ToArray();
        var row = Array.IndexOf(rows, (name, form));
        var drawn = Enumerable.Range(row * Drawn, Drawn).Select(i => order[i % order.Length]);
        return row == (int)(Seed.Of("the patient row") % (ulong)rows.Length) ? drawn.Concat(VerbUses.All.Where(use => use.IsPatient)) : drawn;
    }

    private void Cell(Surroundings surroundings, string form, VerbUse use)
    {
        using var desk = new Desk(prototype);
        using (surroundings.Prepare(desk, form))
        {
            try
            {
                Use(surroundings, form, use, desk);
            }
            finally
            {
                desk.Unmount();
            }

            desk.AssertNothingLost(keyMayBeNew: use.Verb == "key");
        }
    }

    private static void Use(Surroundings surroundings, string form, VerbUse use, Desk desk)
    {
        if (use.Before is not null && !use.Before(desk))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{use.Verb}: not run: there is nothing that it could be used on");
            return;
        }

        var result = Run(surroundings, form, use, desk);
        var said = result.Output + result.Error;
        Assert.All(Never, words => Assert.False(said.Contains(words, StringComparison.Ordinal), $"It said: {said}"));
        if (result.ExitCode == use.Code && !IsRefusal(surroundings, use, said))
        {
            use.Judge(desk, result);
            return;
        }

        Assert.True(surroundings.MayRefuse?.Contains(use.Verb) ?? true, $"It ended with {result.ExitCode}: {said}");
        Assert.True(Refused.Contains(result.ExitCode), $"It ended with {result.ExitCode}: {said}");
        Assert.True(
            surroundings.Reasons.Any(reason => said.Contains(reason, StringComparison.OrdinalIgnoreCase)),
            $"It ended with {result.ExitCode} and named none of {string.Join(", ", surroundings.Reasons)}: {said}");
    }

    // A verb that tells a failure when it does its work may be refused with the same code.
    private static bool IsRefusal(Surroundings surroundings, VerbUse use, string said) =>
        use.Code != TestCli.Done && surroundings.Reasons.Any(reason => said.Contains(reason, StringComparison.OrdinalIgnoreCase));

    private static ToolResult Run(Surroundings surroundings, string form, VerbUse use, Desk desk)
    {
        var (program, leading) = TidemarkCli.Command;
        string[] command = [program, .. leading, .. use.Arguments(desk)];
        if (use.Beside is not null)
        {
            // Who is to be ended is known, whatever stands around it.
            command = ["sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", desk.At("pid"), .. command];
        }

        command = surroundings.Command(desk, form, command);
        var run = Task.Run(() => Tool.Start(command[0], command[1..], Patience.Limit, environment: surroundings.Variables(desk, form)));
        use.Beside?.Invoke(desk, () => !run.IsCompleted);
        return run.GetAwaiter().GetResult();
    }
}
