using Spectre.Console;
using Subband.Cli.Commands;
using Subband.Training;

namespace Subband.Cli.Tests.Commands;

public class TrainingBoardTests
{
    [Fact]
    public void A_save_says_how_long_it_took()
    {
        using StringWriter written = new();
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) });
        terminal.Live(new Text("")).Start(live =>
            new TrainingBoard(terminal, live, "tiny").Show(new CheckpointSaved("runs/a/checkpoints/000050k", 50, 3.21)));
        Assert.Contains("50 kimg saved in runs/a/checkpoints/000050k in 3.2 s", written.ToString(), StringComparison.Ordinal);
    }
}
