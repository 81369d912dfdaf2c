using Tidemark.Harness;
using Tidemark.Harness.Simulation;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// What the test framework would generate, and beside it the runs that are no tests.
return args switch
{
    ["soak", .. var options] => Soak.Run(options),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
