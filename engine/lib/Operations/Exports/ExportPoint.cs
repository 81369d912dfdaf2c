using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>What is exported: a part of a volume at an image, and as what.</summary>
/// <param name="Lost">Takes the blocks of which the chain records that they are lost.</param>
internal sealed record ExportPoint(
    Chain Chain, Lineage Lineage, ByteRange View, ExportLayout Layout, LostBlocks Lost);
