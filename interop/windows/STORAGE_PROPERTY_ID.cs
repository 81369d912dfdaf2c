namespace TerraFX.Interop.Windows;

public enum STORAGE_PROPERTY_ID
{
    StorageDeviceProperty = 0,
    StorageAccessAlignmentProperty = 6,
}
