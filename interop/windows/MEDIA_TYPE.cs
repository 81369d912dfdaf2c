namespace TerraFX.Interop.Windows;

public enum MEDIA_TYPE
{
    Unknown,
    RemovableMedia = 11,
    FixedMedia = 12,
}
