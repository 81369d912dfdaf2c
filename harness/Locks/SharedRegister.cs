using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Locks;

/// <summary>
/// A register on a share: each call takes a random time and has its effect somewhere within. One that promises nothing has
/// time for others between a look and a write, and one that is exact has none.
/// </summary>
internal sealed class SharedRegister(MachineRoom room, bool exact = false)
{
    private readonly bool exact = exact;
    private readonly MachineRoom room = room;
    private byte[]? content;

    /// <summary>The register as one machine has it, whose steps take up to <paramref name="slowest"/>.</summary>
    public StoreRegister Open(TimeSpan slowest) => new View(this, slowest);

    private string? Version => content is null ? null : Convert.ToHexString(content);

    private sealed class View(SharedRegister register, TimeSpan slowest) : StoreRegister
    {
        public override bool IsExact => register.exact;

        public override RegisterState Read()
        {
            Step();
            var found = new RegisterState(register.content?.ToArray(), register.Version);
            Step();
            return found;
        }

        public override bool TrySet(byte[]? value, string? expected)
        {
            var bytes = value?.ToArray();
            Step();

            // Whether a file is there is all that a share looks at, and what is in it is not.
            if (register.exact ? register.Version != expected : value is not null && register.content is null != expected is null)
            {
                return false;
            }

            if (!register.exact && expected is null)
            {
                Step();
            }

            register.content = bytes;
            Step();
            return true;
        }

        private void Step() => register.room.Pass(register.room.Below(slowest));
    }
}
