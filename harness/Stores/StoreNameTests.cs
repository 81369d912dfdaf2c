using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

[DiffersBySystem]
public class StoreNameTests
{
    [Theory]
    [InlineData("con")]
    [InlineData("NUL.tdm")]
    [InlineData("Com1")]
    [InlineData("lpt9.0")]
    [InlineData("COM²")]
    [InlineData("aux .x")]
    [InlineData("CONIN$")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("file:stream")]
    [InlineData("a?")]
    [InlineData("a*")]
    [InlineData("a|b")]
    [InlineData("a\"b")]
    [InlineData("<a>")]
    [InlineData("a\tb")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void Names_that_Windows_takes_otherwise_are_refused_there(string name) =>
        Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(() => StoreNames.CheckWindows(name)).Error);

    [Theory]
    [InlineData("console")]
    [InlineData("com")]
    [InlineData("COM10")]
    [InlineData("a.b.c")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("Grüße 東京")]
    [InlineData("tidemark.lock.old")]
    public void Ordinary_names_are_taken(string name) => StoreNames.CheckWindowsFile(name);

    [Fact]
    public void The_lock_is_the_lock_in_any_case_of_letters() =>
        Assert.Throws<TidemarkException>(() => StoreNames.CheckWindowsFile("Tidemark.LOCK"));
}
