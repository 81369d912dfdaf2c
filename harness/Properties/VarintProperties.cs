using Tidemark.Engine.Format;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

public class VarintProperties
{
    [SeededProperty(500)]
    public void Every_number_comes_back_and_takes_the_bytes_it_said(long draw, byte shift)
    {
        var value = (draw & long.MaxValue) >> (shift % 63);
        var bytes = new byte[Varint.MaxSize + 1];
        var at = 1;
        Varint.Write(bytes, ref at, value);
        Assert.Equal(Varint.SizeOf(value), at - 1);
        var end = at;
        at = 1;
        Assert.True(Varint.TryRead(bytes, ref at, out var read));
        Assert.Equal(value, read);
        Assert.Equal(end, at);

        // Cut off anywhere it is no number.
        at = 1;
        Assert.False(Varint.TryRead(bytes.AsSpan(0, end - 1), ref at, out _));
    }

    [SeededProperty(500)]
    public void Whatever_bytes_are_read_as_a_number_are_the_bytes_of_that_number(byte[] bytes)
    {
        var at = 0;
        if (!Varint.TryRead(bytes, ref at, out var value))
        {
            Assert.InRange(at, 0, Math.Min(bytes.Length, Varint.MaxSize));
            return;
        }

        var again = new byte[Varint.MaxSize];
        var end = 0;
        Varint.Write(again, ref end, value);
        Assert.Equal(bytes[..at], again[..end]);
    }

    [Theory]
    [InlineData(0L, 1)]
    [InlineData(127L, 1)]
    [InlineData(128L, 2)]
    [InlineData(long.MaxValue, 9)]
    public void The_bounds_take_the_bytes_they_should(long value, int size) => Assert.Equal(size, Varint.SizeOf(value));
}
