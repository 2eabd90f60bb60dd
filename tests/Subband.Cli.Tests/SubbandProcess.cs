using System.Diagnostics;

namespace Subband.Cli.Tests;

/// <summary>What a call of a program left behind.</summary>
public sealed record Outcome(int ExitCode, string Out, string Messages)
{
    /// <summary>The lines of the messages.</summary>
    public string[] MessageLines => Messages.Split('\n', StringSplitOptions.RemoveEmptyEntries);
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
