using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tidemark.Engine;

/// <summary>
/// What must hold where a mistake of the program would be committed, merged or written into the format. Unlike
/// <see cref="Debug.Assert(bool)"/> it stays on in the program that is shipped: a few comparisons a frame or an extent cost nothing, and
/// a run that ends loses nothing, since nothing counts before it is committed.
/// </summary>
internal static class Invariant
{
    /// <exception cref="UnreachableException">It doesn't hold: a mistake of the program, which ends the run.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition, string? because = null, [CallerArgumentExpression(nameof(condition))] string text = "",
        [CallerFilePath] string file = "")
    {
        if (!condition)
        {
            Break(because, text, file);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Break(string? because, string text, string file)
    {
        var place = Path.GetFileNameWithoutExtension(file.Replace('\\', '/'));
        throw new UnreachableException($"{place} has a defect: {because ?? text} doesn't hold. Nothing of this run was committed by it.");
    }
}
