namespace Tidemark.Engine.Booting;

/// <summary>The machine in which an image is booted.</summary>
/// <param name="DiskSocket">The Unix socket of the NBD server behind its disk.</param>
/// <param name="Folder">A private folder for its sockets and firmware variables.</param>
/// <param name="MemoryBytes">Its memory; whole mebibytes count.</param>
/// <param name="Efi">Whether it has EFI firmware instead of a BIOS.</param>
/// <param name="Bus">What its disk is attached to.</param>
/// <param name="Accelerator">"kvm" or "tcg".</param>
internal sealed record MachineOptions(
    string DiskSocket, string Folder, long MemoryBytes, bool Efi, DiskBus Bus, string Accelerator);
