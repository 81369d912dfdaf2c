using System.Text.Json.Serialization;

namespace Tidemark.Cli.Json;

/// <summary>
/// Writers of all events, made by the compiler. Fields that are unknown are written as null, so that every line of a
/// kind has the same fields.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Default,
    Converters = [typeof(RawNameConverter)])]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(WarningEvent))]
[JsonSerializable(typeof(ErrorEvent))]
[JsonSerializable(typeof(RangeEvent))]
[JsonSerializable(typeof(ChainEvent))]
[JsonSerializable(typeof(BackupEvent))]
[JsonSerializable(typeof(ImageEvent))]
[JsonSerializable(typeof(BackupSetEvent))]
[JsonSerializable(typeof(ListEvent))]
[JsonSerializable(typeof(ShowEvent))]
[JsonSerializable(typeof(RestoreEvent))]
[JsonSerializable(typeof(ExportEvent))]
[JsonSerializable(typeof(ImportEvent))]
[JsonSerializable(typeof(VerifyEvent))]
[JsonSerializable(typeof(DiffEvent))]
[JsonSerializable(typeof(ServingEvent))]
[JsonSerializable(typeof(ServeEvent))]
[JsonSerializable(typeof(SourcesEvent))]
[JsonSerializable(typeof(KeyEvent))]
[JsonSerializable(typeof(RepairEvent))]
[JsonSerializable(typeof(HealEvent))]
[JsonSerializable(typeof(UnlockEvent))]
[JsonSerializable(typeof(MountEvent))]
[JsonSerializable(typeof(UnmountEvent))]
[JsonSerializable(typeof(FileEvent))]
[JsonSerializable(typeof(ListFilesEvent))]
[JsonSerializable(typeof(ExtractEvent))]
[JsonSerializable(typeof(BootCheckEvent))]
internal sealed partial class CliJson : JsonSerializerContext;
