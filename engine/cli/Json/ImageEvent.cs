using Tidemark.Engine.Operations;

namespace Tidemark.Cli.Json;

/// <summary>One finished image of a <c>backup</c> of several sources.</summary>
internal sealed class ImageEvent(BackupResult result, int exitCode) : BackupEvent(result, exitCode, "image");
