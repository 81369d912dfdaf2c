namespace TerraFX.Interop.Windows;

public static class CREATE
{
    public const int CREATE_NEW = 1;
}
