using System.Runtime.Versioning;
using System.Security;
using Microsoft.Win32;

namespace Tidemark.Engine.Volumes;

internal static partial class FileHints
{
    private const string CryptographyKey = @"SOFTWARE\Microsoft\Cryptography";

    /// <summary>The id that Windows draws when it is installed; null where it can't be read.</summary>
    [SupportedOSPlatform("windows")]
    private static string? MachineGuid()
    {
        try
        {
            using var key = Registry.LocalMachine.OpenSubKey(CryptographyKey);
            return key?.GetValue("MachineGuid") is string { Length: > 0 } id ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
        {
            return null;
        }
    }
}
