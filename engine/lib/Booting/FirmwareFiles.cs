namespace Tidemark.Engine.Booting;

/// <summary>EFI firmware for virtual machines (OVMF), where distributions put it: the code, and variables to begin with.</summary>
internal sealed record FirmwareFiles(string Code, string Variables)
{
    private static readonly FirmwareFiles[] Known =
    [
        new("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        new("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        new("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        new("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        new("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
    ];

    /// <exception cref="TidemarkException">There is none here.</exception>
    public static FirmwareFiles Find() =>
        Array.Find(Known, files => File.Exists(files.Code) && File.Exists(files.Variables))
        ?? throw TidemarkException.Failed(
            "Booting with EFI needs EFI firmware for virtual machines, which isn't installed here. "
            + "Install the package ovmf (edk2-ovmf on Fedora and Arch) and try again.");
}
