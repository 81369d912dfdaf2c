using System.Globalization;
using System.Text;

namespace Tidemark.Harness.Booting;

/// <summary>
/// An initial RAM disk as the kernel takes it: a cpio archive in the "new ASCII" format without checksums (Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst).
/// </summary>
internal sealed class CpioArchive
{
    private const int Folder = 0x41ED;
    private const int Program = 0x81ED;

    private readonly MemoryStream archive = new();
    private int count;

    public void AddFolder(string path) => Add(path, Folder, []);

    /// <summary>Adds a file that everybody may run.</summary>
    public void AddFile(string path, byte[] content) => Add(path, Program, content);

    public byte[] ToArray()
    {
        Add("TRAILER!!!", 0, []);
        return archive.ToArray();
    }

    private void Add(string path, int mode, byte[] content)
    {
        var name = Encoding.UTF8.GetBytes(path + "\0");
        // Inode, mode, owner, group, links, time, size, four device numbers, length of the name, no sum.
        int[] fields = [++count, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length, 0];
        archive.Write("070701"u8);
        archive.Write(Encoding.ASCII.GetBytes(string.Concat(fields.Select(f => f.ToString("x8", CultureInfo.InvariantCulture)))));
        archive.Write(name);
        Pad();
        archive.Write(content);
        Pad();
    }

    private void Pad()
    {
        while (archive.Length % 4 != 0)
        {
            archive.WriteByte(0);
        }
    }
}
