using System.ComponentModel;
using System.Runtime.InteropServices;
using TerraFX.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Operations.Hosting;

public static partial class Background
{
    private static string? EnterOnWindows() => SetPriorityClass(GetCurrentProcess(), PROCESS.PROCESS_MODE_BACKGROUND_BEGIN)
        ? null
        : $"the process can't go into the background: {new Win32Exception(Marshal.GetLastSystemError()).Message}";
}
