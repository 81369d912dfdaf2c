using System.Text;
using Tidemark.Engine.Io;

namespace Tidemark.Cli.Output;

/// <summary>Writes bytes of names that aren't UTF-8 as "\xE9", wherever they turn up in text.</summary>
internal sealed class RawNameFallback : EncoderFallback
{
    /// <summary>Characters of "\xE9".</summary>
    public override int MaxCharCount => 4;

    public override EncoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

    private sealed class Buffer : EncoderFallbackBuffer
    {
        private string text = "";
        private int at;

        public override int Remaining => text.Length - at;

        public override bool Fallback(char charUnknown, int index)
        {
            text = RawName.Visible(charUnknown.ToString()) is { Length: > 1 } shown ? shown : "\uFFFD";
            at = 0;
            return true;
        }

        public override bool Fallback(char charUnknownHigh, char charUnknownLow, int index) => Fallback(charUnknownHigh, index);

        public override char GetNextChar() => at < text.Length ? text[at++] : '\0';

        public override bool MovePrevious()
        {
            if (at == 0)
            {
                return false;
            }

            at--;
            return true;
        }

        public override void Reset()
        {
            text = "";
            at = 0;
        }
    }
}
