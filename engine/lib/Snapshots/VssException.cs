namespace Tidemark.Engine.Snapshots;

/// <summary>VSS failed.</summary>
/// <param name="message">What failed, why, and what to do.</param>
/// <param name="code">The HRESULT; 0 where there is none.</param>
/// <param name="isTransient">Whether it may go better in ten minutes, by the documentation of VSS.</param>
internal sealed class VssException(string message, int code = 0, bool isTransient = false, Advice advice = Advice.None)
    : TidemarkException(TidemarkError.Failed, message, advice: advice)
{
    public int Code => code;

    public bool IsTransient => isTransient;
}
