using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Cli.Tests.Commands;

/// <summary>Signals and kills, as people and machines send them.</summary>
public sealed class TrainStopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_ends_the_step_saves_and_exits_and_the_run_goes_on_to_the_same_bytes(string signal, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        string run = _folder["run"];
        using (RunningSubband running = new(TinyTraining.InFor(run, "64", "--json")))
        {
            Assert.True(running.WaitFor("\"checkpoint\""));
            running.Send(signal, times: 2); // as timeout(1) does: to its child, then to the whole group
            Outcome outcome = running.End();
            Assert.Equal(exitCode, outcome.ExitCode);
            Assert.Equal(["subband: interrupted"], outcome.MessageLines);
            JsonNode stopped = TinyTraining.Events(outcome.Out)[^1];
            Assert.Equal("stopped", (string)stopped["event"]!);
            Assert.True(Directory.Exists((string)stopped["checkpoint"]!));
        }

        // The state is that of the last step, so that a target already passed ends the run where it stands.
        double kimg = Kimg(run);
        string target = FormattableString.Invariant($"{kimg + 0.064}");
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.GoOn(run, "--kimg", target)).ExitCode);
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.InFor(_folder["whole"], target)).ExitCode);
        AssertSameEnd(_folder["whole"], run);
    }

    [Fact]
    public void A_signal_says_in_plain_lines_where_the_run_stands_and_how_it_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        string run = _folder["run"];
        using RunningSubband running = new(TinyTraining.InFor(run, "64"));
        FileInfo metrics = new(Path.Combine(run, "metrics.jsonl"));
        Assert.True(SpinWait.SpinUntil(() => HasReport(metrics), TimeSpan.FromMinutes(1)), "It reported nothing within a minute.");

        running.Send("INT");
        Outcome outcome = running.End();
        Assert.Equal(130, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.Matches(
            $@"^stopped at [0-9.]+ kimg, saved in {run}/checkpoints/[\w-]+; to go on: subband train --resume --out {run}$", outcome.MessageLines[^2]);
    }

    [Fact]
    public void Killed_at_random_moments_a_run_ends_with_the_bytes_of_one_that_was_not() => KillAtRandom(seed: 1, kills: 3);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Killed_at_many_random_moments_a_run_ends_with_the_bytes_of_one_that_was_not(ulong seed) => KillAtRandom(seed, kills: 20);

    // The file itself is there before the first batch.
    private static bool HasReport(FileInfo metrics)
    {
        metrics.Refresh();
        return metrics.Exists && metrics.Length > 0;
    }

    private void KillAtRandom(ulong seed, int kills)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kills.");
        string run = _folder["run"];
        SeededRandom random = SeededRandom.For(seed, 0, 0);
        string[] arguments = TinyTraining.InFor(run, "0.96", "--json");
        for (int i = 0; i < kills; i++)
        {
            using RunningSubband running = new(arguments);
            // From here on there is something to go on with.
            Assert.True(running.WaitFor("\"started\""));
            Thread.Sleep((int)random.Next(150));
            running.Send("KILL");
            _ = running.End();
            arguments = TinyTraining.GoOn(run, "--json");
        }

        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.InFor(_folder["whole"], "0.96")).ExitCode);
        AssertSameEnd(_folder["whole"], run);
    }

    private static void AssertSameEnd(string expected, string actual)
    {
        (byte[] model, byte[] optimizer) = TinyTraining.End(actual);
        (byte[] expectedModel, byte[] expectedOptimizer) = TinyTraining.End(expected);
        Assert.Equal(WithoutSettings(expectedModel), WithoutSettings(model));
        Assert.Equal(expectedOptimizer, optimizer);
    }

    // The tensors; the header holds the settings, of which a changed target is one.
    private static byte[] WithoutSettings(byte[] safetensors) => safetensors[(8 + BitConverter.ToInt32(safetensors))..];

    private static double Kimg(string run) => Directory.GetFiles(Path.Combine(run, "checkpoints"), "state.json", SearchOption.AllDirectories)
        .Max(path => (double)JsonNode.Parse(File.ReadAllText(path))!["images"]!) / 1000;
}
