using System.Text.Json;
using System.Text.Json.Serialization;
using Tidemark.Engine.Io;

namespace Tidemark.Cli.Json;

/// <summary>Strings as JSON has them, where bytes of names that aren't UTF-8 are written as "\xE9".</summary>
internal sealed class RawNameConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(RawName.Visible(value));
}
