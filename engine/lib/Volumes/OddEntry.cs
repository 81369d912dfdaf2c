namespace Tidemark.Engine.Volumes;

/// <summary>An entry of a partition table that means no place on the disk.</summary>
/// <param name="Number">As <see cref="Partition.Number"/>.</param>
/// <param name="Reason">What is wrong with it, as the end of a sentence: "begins at sector 0, where the table itself is".</param>
internal sealed record OddEntry(int Number, string Reason)
{
    public override string ToString() => $"entry {Number} {Reason}";
}
