namespace TerraFX.Interop.Windows;

public enum STORAGE_BUS_TYPE
{
    BusTypeUnknown = 0x00,
}
