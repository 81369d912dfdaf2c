using System.ComponentModel;
using System.Runtime.Versioning;
using Microsoft.Win32;

namespace Tidemark.Engine.Stores;

/// <summary>What Windows says of the machine and its processes.</summary>
internal sealed partial record LockSelf
{
    private const string IdKey = @"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography";
    private const string IdValue = "MachineGuid";

    [SupportedOSPlatform("windows")]
    private static string WindowsId()
    {
        try
        {
            return Registry.GetValue(IdKey, IdValue, null) as string ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            return "";
        }
    }

    /// <summary>When this process began, in ticks of UTC.</summary>
    [SupportedOSPlatform("windows")]
    private static long WindowsStart()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.StartTime.ToUniversalTime().Ticks;
    }

    [SupportedOSPlatform("windows")]
    private static bool WindowsRuns(int process, long started)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited && found.StartTime.ToUniversalTime().Ticks == started;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (Win32Exception)
        {
            // Something is there that doesn't let itself be looked at: another user's.
            return true;
        }
    }
}
