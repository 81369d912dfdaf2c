using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Tidemark.Bench.Peers;

// What the scripts of this folder need a program for.
switch (args.FirstOrDefault())
{
    case "change-volume":
        return VolumeChanger.Run(args[1..]);
    case "peers-report":
        return PeerReport.Run(args[1..]);
    default:
        break;
}

var switcher = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly);
if (!args.Contains("--smoke"))
{
    switcher.Run(args);
    return 0;
}

// Every benchmark once, in this process and without warming up: the figures mean nothing, but benchmarks can't rot.
var smoke = ManualConfig.CreateEmpty()
    .AddJob(Job.Dry.WithToolchain(InProcessNoEmitToolchain.Instance))
    .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default);
var summaries = switcher.Run(["--filter", "*", .. args.Where(argument => argument != "--smoke")], smoke).ToList();
var failed = summaries.Count == 0 || summaries.Any(Failed);
Console.WriteLine(failed ? "smoke: failed" : "smoke: all benchmarks ran");
return failed ? 1 : 0;

static bool Failed(Summary summary) =>
    summary.HasCriticalValidationErrors || summary.Reports.Length < summary.BenchmarksCases.Length || summary.Reports.Any(report => !report.Success);
