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

    private static readonly Argument<string> Image = ImageArgument.Create("; of a whole disk");

    private static readonly Option<string?> Expect = new("--expect")
    {
        Description = "Text that the serial console must show; without it a login prompt counts, or a system that writes to its disk",
        HelpName = "TEXT",
    };

    private static readonly Option<int?> Timeout = Choice.Number("--timeout", "Seconds to wait for that [default: 300]");

    private static readonly Option<long?> Memory = SizeText.Option("--memory", "The machine's memory [default: 1G]");

    private static readonly Option<bool> Efi = new("--efi") { Description = "Start by EFI, where the disk doesn't show that it needs it" };

    private static readonly Option<bool> Bios = new("--bios") { Description = "Start by a BIOS, where the disk looks made for EFI alone" };

    private static readonly Option<DiskBus?> Bus = Choice.Option(
        "--bus", "What the disk is attached to; the image's system needs a driver for it [default: sata]",
        ("sata", DiskBus.Sata), ("virtio", DiskBus.Virtio), ("nvme", DiskBus.Nvme), ("ide", DiskBus.Ide));

    private static readonly Option<string?> Screenshot = new("--screenshot") { Description = "Write the last screen to this PNG file", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("bootcheck", "Boot an image in a virtual machine to see whether it can (Linux)")
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
