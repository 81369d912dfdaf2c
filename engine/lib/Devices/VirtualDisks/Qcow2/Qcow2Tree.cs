using System.Text;
using System.Text.Json;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// A qcow2 file and all that it is made of, each file open: what was looked at is what is read, and qemu is told every format
/// and every file, so that it probes nothing and follows no name.
/// </summary>
internal sealed class Qcow2Tree : IDisposable
{
    private readonly List<Layer> layers = [];
    private readonly List<RawDevice> data = [];

    /// <summary>The files from the disk down to its base.</summary>
    public IReadOnlyList<Layer> Layers => layers;

    /// <summary>Files that hold the content of others.</summary>
    public IReadOnlyList<RawDevice> DataFiles => data;

    /// <param name="path">The file.</param>
    /// <param name="given">What the user gave beside it.</param>
    /// <exception cref="TidemarkException">A file is missing, damaged, or may not be read.</exception>
    public static Qcow2Tree Open(string path, IReadOnlyList<GivenFile> given)
    {
        var tree = new Qcow2Tree();
        try
        {
            tree.Add(
                RawDevice.TryOpenRegular(path, out var kind)
                    ?? throw TidemarkException.WrongUse($"{path} is {kind}. Check the path."),
                new NamedFiles(given));
            return tree;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>The tree as qemu's programs take it in place of a file's name.</summary>
    public string ToFileName()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            Write(json, 0);
        }

        return $"json:{Encoding.UTF8.GetString(text.ToArray())}";
    }

    public void Dispose()
    {
        foreach (var file in layers.Select(layer => layer.File).Concat(data))
        {
            file.Dispose();
        }
    }

    private void Add(RawDevice top, NamedFiles names)
    {
        layers.Add(new Layer(top, Qcow2File.TryReadHeader(top)
            ?? throw TidemarkException.WrongUse($"{top.Name} isn't a qcow2 file: it doesn't begin as one."), null));
        while (layers[^1] is { Header: { } header, File: var owner })
        {
            if (header.HasDataFile)
            {
                layers[^1] = layers[^1] with { Data = OpenData(owner, header, names) };
            }

            if (header.BackingFile is not { } name)
            {
                break;
            }

            if (layers.Count == ParentSearch.MaxDepth)
            {
                throw TidemarkException.Damaged(
                    $"The backing files of {top.Name} are more than {ParentSearch.MaxDepth}, or lead back to themselves.");
            }

            var below = names.Open(owner, name, "builds on", out var given);
            if (layers.Exists(layer => layer.File.Identity == below.Identity))
            {
                below.Dispose();
                throw TidemarkException.Damaged($"{top.Name} and what it builds on lead in a circle, so that none of them holds content.");
            }

            layers.Add(new Layer(below, null, null));
            layers[^1] = new Layer(below, HeaderOf(owner, header, below, given), null);
        }
    }

    private static Qcow2Header? HeaderOf(RawDevice owner, Qcow2Header header, RawDevice below, GivenFile? given)
    {
        // A guest that may write the first sector of a raw file can make it look like anything.
        var format = header.BackingFormat ?? given?.Format ?? throw TidemarkException.Failed(
            $"{owner.Name} builds on {header.BackingFile} and doesn't say in which format that is, which isn't guessed. "
            + "Give that file too, or state it (qemu-img rebase -u -F FORMAT -b FILE).");
        return format switch
        {
            "raw" => null,
            "qcow2" => Qcow2File.TryReadHeader(below)
                ?? throw TidemarkException.Damaged($"{owner.Name} builds on {below.Name} as qcow2, and that isn't a qcow2 file."),
            _ => throw TidemarkException.Failed(
                $"{owner.Name} builds on {header.BackingFile}, which is {format}: Tidemark reads qcow2 files over qcow2 and raw files. "
                + $"Make one file of it first (qemu-img convert)."),
        };
    }

    private RawDevice OpenData(RawDevice owner, Qcow2Header header, NamedFiles names)
    {
        var name = header.DataFile ?? throw TidemarkException.Failed(
            $"{owner.Name} keeps its content in another file and doesn't name it. Make one file of both first (qemu-img convert).");
        var file = names.Open(owner, name, "keeps its content in", out var given);
        data.Add(file);
        return given is not null ? file : throw TidemarkException.Failed(
            $"{owner.Name} keeps its content in another file, {name} ({file.RealPath ?? file.Name}), which isn't read without a word. "
            + "If it belongs to the disk, give it too.");
    }

    private void Write(Utf8JsonWriter json, int at)
    {
        var layer = layers[at];
        json.WriteStartObject();
        json.WriteString("driver", layer.Header is null ? "raw" : "qcow2");
        WriteFile(json, "file", layer.File);
        if (layer.Data is { } content)
        {
            WriteFile(json, "data-file", content);
        }

        if (layer.Header is not null)
        {
            json.WritePropertyName("backing");
            if (at + 1 < layers.Count)
            {
                Write(json, at + 1);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, string property, RawDevice file)
    {
        json.WriteStartObject(property);
        json.WriteString("driver", "file");
        json.WriteString("filename", file.ReopenPath);
        json.WriteEndObject();
    }

    /// <summary>One file of the tree.</summary>
    /// <param name="Header">Null for a raw file.</param>
    /// <param name="Data">What holds its content; null where it does itself.</param>
    internal sealed record Layer(RawDevice File, Qcow2Header? Header, RawDevice? Data);
}
