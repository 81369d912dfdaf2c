namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>Clusters of a content that lie side by side on the volume; <paramref name="Lcn"/> is negative for a hole.</summary>
internal readonly record struct ClusterRun(long Vcn, long Lcn, long Count)
{
    public bool IsHole => Lcn < 0;

    public long EndVcn => Vcn + Count;

    public long EndLcn => Lcn + Count;
}
