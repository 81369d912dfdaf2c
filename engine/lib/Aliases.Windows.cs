// The class of TerraFX.Interop.Windows: under "using static" its Windows has a constant of the same name.
global using ERROR = TerraFX.Interop.Windows.ERROR;
