using System.Runtime.InteropServices;
using Subband.Cli.Common;

namespace Subband.Cli.Tests.Common;

public class StopSignalsTests
{
    [Theory]
    [InlineData(PosixSignal.SIGINT, ExitCodes.Interrupted)]
    [InlineData(PosixSignal.SIGTERM, ExitCodes.Terminated)]
    public void The_first_signal_cancels_does_not_end_the_process_and_is_remembered(PosixSignal signal, int exitCode)
    {
        using StopSignals signals = new();
        Assert.Null(signals.ExitCode);
        Assert.False(signals.Token.IsCancellationRequested);

        // Handed over rather than sent: the test runner listens to these signals too.
        PosixSignalContext context = new(signal);
        signals.Receive(context);

        Assert.True(context.Cancel);
        Assert.True(signals.Token.IsCancellationRequested);
        Assert.Equal(exitCode, signals.ExitCode);
    }
}
