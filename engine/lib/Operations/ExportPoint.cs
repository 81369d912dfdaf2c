using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations;

/// <summary>What is exported: a part of a volume at an image, and as what.</summary>
internal sealed record ExportPoint(Chain Chain, IReadOnlyList<ImageReader> Lineage, ByteSpan View, ExportLayout Layout);
