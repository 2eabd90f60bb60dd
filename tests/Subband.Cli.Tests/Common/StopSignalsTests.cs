using System.Runtime.InteropServices;
using Subband.Cli.Common;

namespace Subband.Cli.Tests.Common;

public class StopSignalsTests
{
    // Signals are handed over rather than sent: the test runner listens to them too.
    [Theory]
    [InlineData(PosixSignal.SIGINT, ExitCodes.Interrupted)]
    [InlineData(PosixSignal.SIGTERM, ExitCodes.Terminated)]
    public void The_first_signal_cancels_does_not_end_the_process_and_is_remembered(PosixSignal signal, int exitCode)
    {
        using StopSignals signals = new();
        Assert.Null(signals.ExitCode);
        Assert.False(signals.Token.IsCancellationRequested);

        PosixSignalContext context = new(signal);
        signals.Receive(context);

        Assert.True(context.Cancel);
        Assert.True(signals.Token.IsCancellationRequested);
        Assert.Equal(exitCode, signals.ExitCode);
    }

    [Fact]
    public void Two_signals_at_once_are_one_request_and_one_a_second_later_ends_the_process()
    {
        SetClock clock = new();
        List<int> exits = [];
        using StopSignals signals = new(clock, exits.Add);
        signals.Receive(new PosixSignalContext(PosixSignal.SIGTERM));
        signals.Receive(new PosixSignalContext(PosixSignal.SIGTERM));
        clock.Now += 999;
        signals.Receive(new PosixSignalContext(PosixSignal.SIGINT));
        Assert.Empty(exits);
        Assert.Equal(ExitCodes.Terminated, signals.ExitCode);

        clock.Now++;
        signals.Receive(new PosixSignalContext(PosixSignal.SIGINT));
        Assert.Equal([ExitCodes.Interrupted], exits);
    }

    private sealed class SetClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }
}
