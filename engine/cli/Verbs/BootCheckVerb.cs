using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Booting;
using Tidemark.Engine.Operations.BootChecks;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark bootcheck IMAGE</c>: whether an image boots.</summary>
internal static class BootCheckVerb
{
    private const long MiB = 1L << 20;

    private static readonly Argument<string> Image = new("IMAGE") { Description = "CHAIN@SEQUENCE, CHAIN@latest, or CHAIN; of a whole disk" };

    private static readonly Option<string?> Expect = new("--expect")
    {
        Description = "What the serial console must say; without it a login prompt or a system that writes to its disk will do",
        HelpName = "TEXT",
    };

    private static readonly Option<int?> Timeout = Choice.Number("--timeout", "Seconds to wait for that; 300 by default");

    private static readonly Option<long?> Memory = SizeText.Option("--memory", "The machine's memory; 1G by default");

    private static readonly Option<bool> Efi = new("--efi") { Description = "EFI firmware, where the disk doesn't show that it wants it" };

    private static readonly Option<bool> Bios = new("--bios") { Description = "A BIOS, where the disk looks made for EFI alone" };

    private static readonly Option<DiskBus?> Bus = Choice.Option(
        "--bus", "What the disk is attached to, which the image's system needs a driver for; sata by default",
        ("sata", DiskBus.Sata), ("virtio", DiskBus.Virtio), ("nvme", DiskBus.Nvme), ("ide", DiskBus.Ide));

    private static readonly Option<string?> Screenshot = new("--screenshot") { Description = "Keep the last screen there, as PNG", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("bootcheck", "Boot an image in a virtual machine and see whether it lives; exit code 1 if not (Linux)")
        {
            Image, Expect, Timeout, Memory, Efi, Bios, Bus, Screenshot,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        command.Validators.Add(result =>
        {
            if (result.GetValue(Efi) && result.GetValue(Bios))
            {
                result.AddError("--efi and --bios exclude each other");
            }

            if (result.GetValue(Timeout) is < 1 or > 86400)
            {
                result.AddError("--timeout is 1 to 86400 seconds");
            }

            if (result.GetValue(Memory) is < 16 * MiB or > MiB * MiB)
            {
                result.AddError("--memory is 16M to 1T");
            }
        });
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            var request = new BootCheckRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Expect = parsed.GetValue(Expect),
                Timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout) ?? 300),
                MemoryBytes = parsed.GetValue(Memory) ?? 1024 * MiB,
                Efi = parsed.GetValue(Efi) ? true : parsed.GetValue(Bios) ? false : null,
                Bus = parsed.GetValue(Bus) ?? DiskBus.Sata,
                Screenshot = parsed.GetValue(Screenshot),
                Key = key.Read(parsed),
            };
            var result = BootCheck.Run(request, report, cancellation);
            var code = result.Alive ? ExitCodes.Done : ExitCodes.Failed;
            report.Tell(new BootCheckEvent(result, code), text => BootCheckText.Write(text, result));
            return code;
        });
    }
}
