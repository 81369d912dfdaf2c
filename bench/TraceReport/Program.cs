using Tidemark.Bench.TraceReport;

const string Usage =
    "usage: bench/trace FILE [--html PAGE]\n\nPrints where the time of a recorded run went (.nettrace; .etl on Windows), and draws it as a page of HTML.";
string? file = null;
string? page = null;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--html" && i + 1 < args.Length)
    {
        page = args[++i];
    }
    else if (file is null && !args[i].StartsWith('-'))
    {
        file = args[i];
    }
    else
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}

if (file is null)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    var trace = Trace.Read(file);
    Console.OutputEncoding = System.Text.Encoding.UTF8;
    ReportText.Write(Console.Out, trace);
    if (page is not null)
    {
        File.WriteAllText(page, ReportPage.Make(trace, Path.GetFileName(file)));
        Console.WriteLine($"Drawn in {page}");
    }

    return 0;
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
