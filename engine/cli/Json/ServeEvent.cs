using Tidemark.Engine.Operations.Servers;

namespace Tidemark.Cli.Json;

/// <summary>A point in time is served: clients may come.</summary>
internal sealed class ServingEvent(ServedPoint point) : CliEvent("serving")
{
    public string Uri => point.Uri;

    public string Chain => point.Chain;

    public Guid ImageId => point.ImageId;

    public long Sequence => point.Sequence;

    public long SourceBytes => point.Bytes;

    public int BlockSize => point.BlockSize;

    public bool Writable => point.Writable;

    public bool Tls => point.Tls;

    public double Seconds => JsonShapes.Seconds(point.OpenSeconds);
}

/// <summary>The result of <c>serve</c>: what was served until its end.</summary>
internal sealed class ServeEvent(ServeResult result) : ResultEvent("serve", ExitCodes.Done)
{
    public string Chain => result.Chain;

    public Guid ImageId => result.ImageId;

    public long Sequence => result.Sequence;

    public long Connections => result.Connections;

    public long ReadBytes => result.ReadBytes;

    public long WrittenBytes => result.WrittenBytes;

    public long Failures => result.Failures;

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);
}
