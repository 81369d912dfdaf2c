using System.Runtime.InteropServices;
using TerraFX.Interop.Windows;

namespace Tidemark.Interop.Windows;

/// <summary>
/// vssapi.dll, loaded when it is asked for: that way a system without it can be told of in words. The library stays loaded,
/// since VSS has threads of its own in it.
/// </summary>
public sealed unsafe class VssApi
{
    public const string LibraryName = "vssapi.dll";

    private readonly delegate* unmanaged[Stdcall]<IVssBackupComponents**, HRESULT> create;
    private readonly delegate* unmanaged[Stdcall]<VSS_SNAPSHOT_PROP*, void> free;

    private VssApi(nint library)
    {
        create = (delegate* unmanaged[Stdcall]<IVssBackupComponents**, HRESULT>)NativeLibrary.GetExport(
            library, nameof(CreateVssBackupComponentsInternal));
        if (!NativeLibrary.TryGetExport(library, nameof(VssFreeSnapshotPropertiesInternal), out var address))
        {
            // The name that older systems export it by.
            address = NativeLibrary.GetExport(library, "VssFreeSnapshotProperties");
        }

        free = (delegate* unmanaged[Stdcall]<VSS_SNAPSHOT_PROP*, void>)address;
    }

    /// <summary>Loads the system's own, never one that lies beside the program or in the current folder.</summary>
    /// <exception cref="DllNotFoundException">The system has none.</exception>
    /// <exception cref="EntryPointNotFoundException">It lacks what a requester needs.</exception>
    public static VssApi Load() =>
        new(NativeLibrary.Load(LibraryName, typeof(VssApi).Assembly, DllImportSearchPath.System32));

    /// <summary>Loads one by its full path.</summary>
    public static VssApi LoadFrom(string path) => new(NativeLibrary.Load(path));

    public HRESULT CreateVssBackupComponentsInternal(IVssBackupComponents** ppBackup) => create(ppBackup);

    public void VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP* pProp) => free(pProp);
}
