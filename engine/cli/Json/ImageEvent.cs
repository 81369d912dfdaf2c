using Tidemark.Engine.Operations.Backups;

namespace Tidemark.Cli.Json;

/// <summary>One finished image of a <c>backup</c> of several sources, or of an <c>import</c>.</summary>
internal sealed class ImageEvent(string verb, BackupResult result, int exitCode) : BackupEvent(result, exitCode, "image", verb);
