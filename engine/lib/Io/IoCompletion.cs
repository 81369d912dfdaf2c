namespace Tidemark.Engine.Io;

/// <summary>The end of one transfer.</summary>
/// <param name="Slot">The buffer the transfer used.</param>
/// <param name="Transferred">Bytes moved; fewer than asked for where the device ended or failed.</param>
/// <param name="Error">0, or the operating system's error number (a positive errno on Linux, a Win32 code on Windows).</param>
internal readonly record struct IoCompletion(int Slot, int Transferred, int Error);
