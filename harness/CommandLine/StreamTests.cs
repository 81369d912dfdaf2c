using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary><c>-</c>, <c>/dev/stdout</c> and their kin are streams where a stream makes sense, and nowhere files of that name.</summary>
[DiffersBySystem]
[Case("3.14")]
public sealed class StreamTests : IDisposable
{
    private readonly TempFolder folder = new("streams");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_restore_and_a_raw_export_write_the_volume_and_nothing_else_to_standard_output()
    {
        OnlyOn.Linux();
        var (source, chain) = Chain();
        foreach (var (verb, redirection) in new[]
        {
            ("restore {0} -", "> {1}"), ("restore {0} - --json", "> {1}"), ("restore {0} /dev/stdout --force", "> {1}"), ("restore {0} /dev/fd/1", "> {1}"),
            ("restore {0} /proc/self/fd/1", "| cat > {1}"), ("restore {0} -", "| cat > {1}"), ("restore {0} /dev/fd/7", "7> {1}"), ("restore {0} link", "> {1}"),
            ("export {0} -", "> {1}"), ("export {0} - --format raw --json", "| cat > {1}"), ("export {0} /dev/stdout --force", "> {1}"),
        })
        {
            var file = folder.At("out.img");
            File.Delete(folder.At("link"));
            File.CreateSymbolicLink(folder.At("link"), "/dev/stdout");
            var result = Shell($"{string.Format(System.Globalization.CultureInfo.InvariantCulture, verb, chain)} {redirection.Replace("{1}", file, StringComparison.Ordinal)}");
            Assert.True(result.ExitCode == 0, $"{verb}: {result.Error}");
            Assert.True(FileTree.Hash(source) == FileTree.Hash(file), verb);
            Assert.Contains("1", result.Error + result.Output, StringComparison.Ordinal);
            File.Delete(file);
        }

        Assert.Empty(Directory.GetFiles(folder.Path, "-"));
    }

    [Fact]
    public void A_part_with_holes_comes_out_whole_and_a_reader_that_leaves_is_an_error()
    {
        OnlyOn.Linux();
        var (_, chain) = Chain();
        var closed = Shell($"restore {chain} - | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}");
        Assert.Equal(Cli.Failed, closed.ExitCode);
        Assert.Equal(Cli.Failed, Shell($"restore {chain} - > /dev/full").ExitCode);
    }

    [Fact]
    public void What_no_stream_can_be_is_refused_and_makes_no_file()
    {
        OnlyOn.Linux();
        var (source, chain) = Chain();
        foreach (var path in new[] { "-", "/dev/stdout", "/dev/fd/1", "/dev/stderr" })
        {
            foreach (var verb in new[]
            {
                $"restore {chain} {path} --delta", $"restore {chain} {path} --resume", $"export {chain} {path} --format qcow2", $"backup {source} --to {path}",
                $"import {source} --to {path}", $"extract {chain} / --to {path}", $"serve {chain} --overlay {path} --unix s", $"serve {chain} --unix {path}",
                $"restore {chain} out --trace {path}", $"mount {chain} {path}",
            })
            {
                var result = Shell($"{verb} | cat; exit ${{PIPESTATUS[0]}}");
                Assert.True(result.ExitCode == Cli.WrongUse, $"{verb}: {result.ExitCode} {result.Error}");
                Assert.False(Path.Exists(folder.At("-")), verb);
            }
        }

        Assert.Equal(Cli.WrongUse, Shell($"restore {chain} /dev/fd/0").ExitCode);
        Assert.Equal(Cli.WrongUse, Shell("backup - --to store2").ExitCode);
        Shell($"restore {chain} ./-").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("-")));
    }

    private (string Source, string Chain) Chain()
    {
        // Noise, zeros, and an end that is no whole block.
        var source = Cli.Noise(folder, "source", 700_001);
        using (var file = new FileStream(source, FileMode.Open, FileAccess.Write))
        {
            file.Position = 4096;
            file.Write(new byte[400_000]);
        }

        return (source, Cli.Backup(source, folder.At("store")).Text("chain"));
    }

    private ToolResult Shell(string line)
    {
        var (program, leading) = TidemarkCli.Command;
        return Tool.Try("bash", "-c", $"cd {folder.Path}; {string.Join(' ', leading.Prepend(program))} {line}");
    }
}
