namespace Tidemark.Interop.Windows;

/// <summary>Levels and capabilities of CoInitializeSecurity (rpcdce.h, objidl.h).</summary>
public static class ComSecurity
{
    public const uint RPC_C_AUTHN_LEVEL_PKT_PRIVACY = 6;
    public const uint RPC_C_IMP_LEVEL_IMPERSONATE = 3;
    public const uint EOAC_DYNAMIC_CLOAKING = 0x40;
}
