using System.Diagnostics;

namespace Subband.Tests.Examples;

/// <summary>A program of the folder <c>examples</c>.</summary>
internal static class ExampleProgram
{
    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static string Run(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, name), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return output;
    }

    /// <summary>How many lines it has, without empty ones, <c>using</c> of namespaces and comments.</summary>
    public static int Lines(string name) =>
        File.ReadLines(Path.Combine(TestData.RepositoryRoot, "examples", name, "Program.cs"))
            .Count(line => line.Length > 0 && line[0] != '/' && !IsImport(line));

    private static bool IsImport(string line) =>
        line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=', StringComparison.Ordinal) && !line.Contains('(', StringComparison.Ordinal);
}
