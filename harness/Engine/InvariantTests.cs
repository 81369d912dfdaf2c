using System.Diagnostics;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Writing;
using Xunit;

namespace Tidemark.Harness.Engine;

/// <summary>What guards commit, merge and format stays on in the program that is shipped.</summary>
public class InvariantTests
{
    [Fact]
    public void A_broken_invariant_ends_the_run_and_says_what_and_where()
    {
        Invariant.Holds(1 + 1 == 2);
        var sum = 3;
        var broken = Assert.Throws<UnreachableException>(() => Invariant.Holds(sum == 2));
        Assert.Contains("sum == 2", broken.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(InvariantTests), broken.Message, StringComparison.Ordinal);
        Assert.Contains("in order", Assert.Throws<UnreachableException>(() => Invariant.Holds(sum == 2, "blocks are in order")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extents_that_go_back_never_reach_a_page()
    {
        var leaf = new LeafBuilder();
        leaf.Add(new IndexExtent(10, 5, BlockState.Zero), []);
        Assert.Throws<UnreachableException>(() => leaf.Add(new IndexExtent(12, 5, BlockState.Zero), []));
    }
}
