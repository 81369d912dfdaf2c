namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>
/// A section of LVM's configuration text: names with a number, a text or a list of these, and sections of its own (lvm.conf(5)).
/// </summary>
internal sealed class LvmSection
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LvmSection> sections = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, LvmSection> Sections => sections;

    /// <summary>All texts of the section and of those in it, in lists too, but what has a certain name.</summary>
    public IEnumerable<string> TextsBut(string name) => values.Where(value => value.Key != name)
        .SelectMany(value => value.Value as IReadOnlyList<object> ?? [value.Value]).OfType<string>()
        .Concat(sections.Values.SelectMany(section => section.TextsBut(name)));

    /// <summary>Adds a name; false where it is there already.</summary>
    public bool TryAdd(string name, object value) =>
        value is LvmSection section ? sections.TryAdd(name, section) : values.TryAdd(name, value);

    /// <exception cref="AllocationException">There is none of that name.</exception>
    public LvmSection Section(string name) => sections.GetValueOrDefault(name) ?? throw Missing(name);

    /// <exception cref="AllocationException">There is none of that name, or it is negative.</exception>
    public long Number(string name) => values.GetValueOrDefault(name) is long number and >= 0 ? number : throw Missing(name);

    /// <exception cref="AllocationException">There is none of that name.</exception>
    public string Text(string name) => values.GetValueOrDefault(name) as string ?? throw Missing(name);

    /// <summary>A list; what stands alone is a list of one. Empty where there is none of that name.</summary>
    public IReadOnlyList<object> List(string name) =>
        values.TryGetValue(name, out var value) ? value as IReadOnlyList<object> ?? [value] : [];

    private static AllocationException Missing(string name) => new($"its LVM metadata lacks {name}");
}
