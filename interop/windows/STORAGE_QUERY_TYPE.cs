namespace TerraFX.Interop.Windows;

public enum STORAGE_QUERY_TYPE
{
    PropertyStandardQuery = 0,
}
