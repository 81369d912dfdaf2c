using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>The examples of README.md that wait for long, beside all other tests.</summary>
public class PatientExampleTests
{
    public static TheoryData<string> Examples => ExampleProofs.Examples(patient: true);

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_does_what_the_README_says(string example) => ExampleProofs.Prove(example);
}
