using System.Runtime.InteropServices;

namespace Subband.Cli.Common;

/// <summary>
/// Turns the first SIGINT or SIGTERM into a cancelled token, so that work can finish its step and save, and remembers
/// which it was. Another one, a second later or more, ends the process there and then.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    // timeout(1) signals its child and then the whole group, so that one request arrives as two signals.
    private static readonly TimeSpan OneRequest = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly Action<int> _exitNow;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private long _receivedAt;
    private int _exitCode;

    /// <summary>Begins to listen.</summary>
    public StopSignals()
        : this(TimeProvider.System, ExitNow)
    {
    }

    /// <summary>Begins to listen, by another clock and with another end.</summary>
    internal StopSignals(TimeProvider clock, Action<int> exitNow)
    {
        (_clock, _exitNow) = (clock, exitNow);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code that belongs to the signal received, or null if none was.</summary>
    public int? ExitCode => Volatile.Read(ref _exitCode) is var code and not 0 ? code : null;

    /// <summary>Stops listening: signals do again what they do by default.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    /// <summary>What the system calls when a signal comes.</summary>
    internal void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        int exitCode = context.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
        lock (_lock)
        {
            if (_exitCode != 0)
            {
                if (_clock.GetElapsedTime(_receivedAt) >= OneRequest)
                {
                    // Environment.Exit would wait for finalisers and native threads, which is what is not wanted any more.
                    _exitNow(exitCode);
                }

                return;
            }

            (_exitCode, _receivedAt) = (exitCode, _clock.GetTimestamp());
        }

        _stop.Cancel();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ExitNow(int status);
}
