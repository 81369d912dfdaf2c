using System.CommandLine;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Arguments;

/// <summary>The two options that name a key.</summary>
internal sealed class KeyArguments
{
    private readonly Option<string?> passphraseFile;
    private readonly Option<string?> keyFile;

    /// <param name="command">Gets the options.</param>
    /// <param name="purpose">What they do, completing "File whose first line is the passphrase …".</param>
    /// <param name="prefix">Between the dashes and the name: "new-" or nothing.</param>
    public KeyArguments(Command command, string purpose, string prefix = "")
    {
        passphraseFile = new Option<string?>($"--{prefix}passphrase-file")
        {
            Description = $"File whose first line is the passphrase {purpose}; - is standard input",
            HelpName = "F",
        };
        keyFile = new Option<string?>($"--{prefix}key-file")
        {
            Description = $"File of 32 bytes to 1 MiB that is the key {purpose}",
            HelpName = "F",
        };
        command.Add(passphraseFile);
        command.Add(keyFile);
        command.Validators.Add(result =>
        {
            if (result.GetResult(passphraseFile) is not null && result.GetResult(keyFile) is not null)
            {
                result.AddError($"{passphraseFile.Name} and {keyFile.Name} exclude each other");
            }
        });
    }

    public KeyOptions Read(ParseResult parsed)
    {
        var passphrase = parsed.GetValue(passphraseFile);
        var key = parsed.GetValue(keyFile);
        return passphrase is null && key is null ? KeyOptions.None : new KeyOptions(passphrase, key);
    }
}
