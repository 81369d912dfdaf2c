using System.Globalization;
using System.IO.Hashing;

namespace Tidemark.Harness.Simulation;

/// <summary>A history and its faults, as plain data that fits into one argument of a command line.</summary>
/// <param name="Seed">Content of the volumes, ids and keys.</param>
/// <param name="Settings">Bits: block size, encryption, hash, sectors, parts.</param>
/// <param name="Length">Bytes of each volume as it begins.</param>
internal sealed record Scenario(int Seed, int Settings, int Length, IReadOnlyList<Operation> Operations)
{
    public const int MaxLength = 400_000;

    private const string Version = "s1";

    public int BlockSize => 4096 << (Settings & 1);

    public bool Encrypted => (Settings & 2) != 0;

    public bool Blake3 => (Settings & 4) != 0;

    public int SectorSize => (Settings & 8) != 0 ? 4096 : 512;

    /// <summary>Whether images are split into parts of 64 KiB.</summary>
    public bool Parts => (Settings & 16) != 0;

    /// <summary>The same scenario for the same seed, for as long as the generator isn't changed.</summary>
    public static Scenario Generate(ulong seed)
    {
        var random = new Random((int)XxHash64.HashToUInt64(BitConverter.GetBytes(seed)));
        var kinds = Enum.GetValues<OperationKind>();
        var honest = random.Next(4) != 0;
        var faultRate = random.Next(8) switch { 0 => 0, < 4 => 85, _ => 50 };
        var operations = new List<Operation> { new(OperationKind.Backup, 0, 0, random.Next(1000), null) };
        var count = random.Next(4, 40);
        for (var i = 0; i < count; i++)
        {
            var kind = random.Next(10) switch
            {
                < 2 => OperationKind.Change,
                < 6 => OperationKind.Backup,
                _ => kinds[random.Next(kinds.Length)],
            };
            Fault? fault = null;
            if (random.Next(100) < faultRate)
            {

                // Most operations make some thirty calls, and few faults can strike all of them.
                var calls = random.Next(6) switch { 0 => 100, 1 or 2 => 30, 3 => 12, _ => 4 };
                var kindOfFault = honest || random.Next(3) > 0
                    ? random.Next((int)FaultKind.LyingFlush)
                    : random.Next((int)FaultKind.LyingFlush, (int)FaultKind.RepeatedWrite + 1);
                fault = new Fault((FaultKind)kindOfFault, random.Next(calls), random.Next(10_000));
            }

            operations.Add(new Operation(kind, random.Next(1_000_000), random.Next(1_000_000), random.Next(1_000_000), fault));
        }

        return new Scenario(random.Next(1_000_000), random.Next(32), random.Next(MaxLength), operations);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It isn't that.</exception>
    public static Scenario Parse(string text)
    {
        var pieces = text.Split('_');
        var head = pieces[0].Split('-');
        if (head.Length != 4 || head[0] != Version)
        {
            throw new FormatException($"A scenario begins with {Version}-SEED-SETTINGS-LENGTH.");
        }

        return new Scenario(Number(head[1]), Number(head[2]), Number(head[3]), [.. pieces.Skip(1).Select(ParseOperation)]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Version}-{Seed}-{Settings}-{Length}") + string.Concat(Operations.Select(Text));

    private static string Text(Operation operation)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"_{operation.Kind}.{operation.Place}.{operation.Size}.{operation.Draw}");
        return operation.Fault is { } fault
            ? text + string.Create(CultureInfo.InvariantCulture, $".{fault.Kind}.{fault.At}.{fault.Draw}")
            : text;
    }

    private static Operation ParseOperation(string text)
    {
        var pieces = text.Split('.');
        var fault = pieces.Length switch
        {
            4 => null,
            7 => new Fault(Enum.Parse<FaultKind>(pieces[4]), Number(pieces[5]), Number(pieces[6])),
            _ => throw new FormatException($"'{text}' is no operation."),
        };
        return new Operation(Enum.Parse<OperationKind>(pieces[0]), Number(pieces[1]), Number(pieces[2]), Number(pieces[3]), fault);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
