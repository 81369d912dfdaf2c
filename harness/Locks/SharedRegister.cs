using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Locks;

/// <summary>
/// An owner's file on a share that promises nothing: making it exclusively is a look and a write, with time for others
/// between them; each call takes a random time and has its effect somewhere within.
/// </summary>
internal sealed class SharedRegister(MachineRoom room)
{
    private readonly MachineRoom room = room;
    private byte[]? content;

    /// <summary>The file as one machine has it, whose steps take up to <paramref name="slowest"/>.</summary>
    public OwnerFile Open(TimeSpan slowest) => new View(this, slowest);

    private sealed class View(SharedRegister register, TimeSpan slowest) : OwnerFile
    {
        public override byte[]? Read()
        {
            Step();
            var found = register.content?.ToArray();
            Step();
            return found;
        }

        public override bool TryCreate(ReadOnlySpan<byte> content)
        {
            var bytes = content.ToArray();
            Step();
            if (register.content is not null)
            {
                return false;
            }

            Step();
            register.content = bytes;
            Step();
            return true;
        }

        public override bool TryWrite(ReadOnlySpan<byte> content)
        {
            var bytes = content.ToArray();
            Step();
            if (register.content is null)
            {
                return false;
            }

            register.content = bytes;
            Step();
            return true;
        }

        public override void Delete()
        {
            Step();
            register.content = null;
        }

        private void Step() => register.room.Pass(register.room.Below(slowest));
    }
}
