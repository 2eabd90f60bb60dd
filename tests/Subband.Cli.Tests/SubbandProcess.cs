using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Subband.Cli.Tests;

/// <summary>What a call of a program left behind.</summary>
public sealed partial record Outcome(int ExitCode, string Out, string Messages)
{
    /// <summary>The messages without the lines that tell how far slow work has come, which a busy machine brings about.</summary>
    public string Complaints => ProgressLine().Replace(Messages, "");

    /// <summary>The lines of the messages.</summary>
    public string[] MessageLines => Messages.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^[A-Z][\w ]+: [\d.,]+( \w+)? of [\d.,]+.*\n", RegexOptions.Multiline)]
    private static partial Regex ProgressLine();
}

/// <summary>Runs the command line that was built beside the tests, as a shell would.</summary>
public static class SubbandProcess
{
    /// <summary>Runs <c>subband ARGUMENTS</c> and waits for its end.</summary>
    public static Outcome Run(params string[] arguments) => Run([], arguments);

    /// <summary>The same, with changed environment variables; null removes one.</summary>
    public static Outcome Run(Dictionary<string, string?> environment, params string[] arguments) =>
        Start(Path.Combine(AppContext.BaseDirectory, "Subband.Cli"), environment, arguments);

    /// <summary>Runs a program and waits for its end, at most a minute.</summary>
    public static Outcome Start(string program, Dictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> messages = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{program} {string.Join(' ', arguments)}' did not end within a minute.");
        }

        return new Outcome(process.ExitCode, output.Result, messages.Result);
    }
}
