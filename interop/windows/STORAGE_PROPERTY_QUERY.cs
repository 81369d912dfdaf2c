namespace TerraFX.Interop.Windows;

public unsafe struct STORAGE_PROPERTY_QUERY
{
    public STORAGE_PROPERTY_ID PropertyId;
    public STORAGE_QUERY_TYPE QueryType;
    public fixed byte AdditionalParameters[1];
}
