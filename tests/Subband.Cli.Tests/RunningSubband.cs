using System.Diagnostics;
using System.Text;

namespace Subband.Cli.Tests;

/// <summary>A call of the command line that is still at work, to be watched and to be sent signals.</summary>
public sealed class RunningSubband : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly Task<string> _messages;

    /// <summary>Starts <c>subband ARGUMENTS</c>.</summary>
    public RunningSubband(params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Subband.Cli"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" }, // its pipes would stay in the temporary folder when it is killed
        })!;
        _messages = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Reads standard output until a line holds a text, or to its end.</summary>
    /// <returns>Whether there was such a line.</returns>
    public bool WaitFor(string text)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _out.Append(line).Append('\n');
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends a signal by its name, such as <c>TERM</c>; nothing happens where the process has ended.</summary>
    public void Send(string signal, int times = 1)
    {
        // The shell's own kill: a minimal Debian has no program of that name.
        string command = string.Join(';', Enumerable.Repeat($"kill -{signal} {_process.Id}", times));
        using Process kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public Outcome End()
    {
        _ = WaitFor("\0");
        Assert.True(_process.WaitForExit(Patience), "The command line did not end within a minute.");
        return new Outcome(_process.ExitCode, _out.ToString(), _messages.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
