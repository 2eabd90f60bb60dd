using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_leaves_a_run_and_says_what_it_does_in_plain_lines()
    {
        string run = _folder["run"];
        Outcome outcome = SubbandProcess.Run(TinyTraining.In(run, "--precision", "fp32"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches($@"^{run}: 0\.32 kimg in .* s of training, saved in {run}/checkpoints/000000k320\n$", outcome.Out);
        Assert.Equal("preset   lapgan-cifar10-paper, seed 1", outcome.MessageLines[0]);
        Assert.Equal("data     synthetic:leaves#size=16,seed=1: endless", outcome.MessageLines[1]);
        Assert.Equal("compute  cpu, 1 thread, fp32", outcome.MessageLines[2]);
        Assert.Equal($"run      {run}, up to 0.32 kimg", outcome.MessageLines[3]);
        Assert.Equal(5, outcome.MessageLines.Count(line => line.Contains(" of 0.32 kimg, ", StringComparison.Ordinal)));
        Assert.Contains("left; level0: discriminator ", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(run, "metrics.jsonl")).Length);
        Assert.Equal(3, Directory.GetDirectories(Path.Combine(run, "checkpoints")).Length);
    }

    [Fact]
    public void Json_tells_configuration_and_events_one_object_a_line_and_nothing_else()
    {
        string run = _folder["run"];
        Outcome outcome = SubbandProcess.Run(TinyTraining.In(run, "--json", "--level", "1", "--set", "training.sampleKimg=1"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Messages);
        JsonNode[] events = TinyTraining.Events(outcome.Out);
        Assert.Equal(
            ["configured", "started", "report", "checkpoint", "report", "report", "checkpoint", "report", "checkpoint", "report", "checkpoint", "finished"],
            events.Select(e => (string)e["event"]!).Where(name => name != "sample"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(Path.Combine(run, "config.json"))), events[0]["config"]));
        Assert.Equal(["level1.discriminator", "level1.generator", "level1.realAccuracy", "level1.generatedAccuracy"],
            events.First(e => (string)e["event"]! == "report")["measures"]!.AsObject().Select(measure => measure.Key));
        Assert.Equal(0.32, (double)events[^1]["kimg"]!);
        // Three are kept.
        Assert.All(events.Where(e => (string)e["event"]! == "checkpoint").TakeLast(3), e => Assert.True(Directory.Exists((string)e["path"]!)));
    }

    [Fact]
    public void What_comes_before_the_first_step_is_said_when_it_may_take_long()
    {
        Outcome outcome = SubbandProcess.Run(TinyTraining.In(_folder["run"], "--set", "normalization=standardize"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("measuring mean and deviation of 10,000 images", outcome.MessageLines[4]);
    }

    [Fact]
    public void A_dry_run_prints_the_complete_configuration_and_writes_nothing()
    {
        Outcome outcome = SubbandProcess.Run(TinyTraining.In(_folder["run"], "--dry-run", "--seed", "18446744073709551"));
        Assert.Equal(0, outcome.ExitCode);
        JsonNode config = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(18446744073709551UL, (ulong)config["seed"]!);
        Assert.Equal(32, (int)config["settings"]!["training"]!["batchSize"]!);
        Assert.Equal("synthetic:leaves#size=16,seed=1", (string)config["data"]!["source"]!);
        Assert.True((string)config["precision"]! is "fp32" or "bf16");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Going_on_says_where_each_setting_comes_from()
    {
        string run = _folder["run"];
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(run)).ExitCode);
        Outcome outcome = SubbandProcess.Run(TinyTraining.GoOn(run, "--kimg", "0.384", "--set", "training.batchSize=32"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            [
                "resume   training.batchSize 32 as in the run",
                "resume   training.kimg 0.384 from the command line (was 0.32 in the run)",
                "resume   everything else from the run",
                $"going on from {run}/checkpoints/000000k320, 0.32 of 0.384 kimg",
            ],
            outcome.MessageLines[4..8]);
        Assert.Equal(6, File.ReadAllLines(Path.Combine(run, "metrics.jsonl")).Length);

        Outcome done = SubbandProcess.Run(TinyTraining.GoOn(run));
        Assert.Equal(0, done.ExitCode);
        Assert.Contains("nothing is left to do: 0.384 of 0.384 kimg are done; a larger --kimg goes on from there\n", done.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_in_a_folder_are_the_split_train_and_may_move()
    {
        Photos("photos");
        _folder.Write("photos/notes.txt", "Dear friend"u8);
        string run = _folder["run"];
        string[] begin = ["train", TinyTraining.Preset, "--data", _folder["photos"], "--out", run, "--kimg=0.32", .. TinyTraining.Settings];
        Outcome first = SubbandProcess.Run(begin);
        Assert.Equal(0, first.ExitCode);
        Assert.Contains($"data     {_folder["photos"]}#split=train: 4 images, 2 classes\n", first.Messages, StringComparison.Ordinal);
        Assert.Single(first.MessageLines, line => line.Contains("refused notes.txt: is a text file", StringComparison.Ordinal));
        Assert.EndsWith("; 1 file refused\n", first.Out, StringComparison.Ordinal);

        Directory.Move(_folder["photos"], _folder["moved"]);
        Outcome lost = SubbandProcess.Run(TinyTraining.GoOn(run, "--kimg", "0.384"));
        Assert.Equal(1, lost.ExitCode);
        Assert.Equal(
            [$"subband: There is no file or folder {_folder["photos"]} to read images from. If the images have moved, give their new place with --data."],
            lost.MessageLines);

        Assert.Equal(0, SubbandProcess.Run(TinyTraining.GoOn(run, "--kimg", "0.384", "--data", _folder["moved"])).ExitCode);
    }

    [Fact]
    public void Other_images_are_refused_when_a_run_goes_on()
    {
        string run = _folder["run"];
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(run)).ExitCode);
        string before = File.ReadAllText(Path.Combine(run, "config.json"));
        Outcome outcome = SubbandProcess.Run(TinyTraining.GoOn(run, "--kimg", "9", "--data", "synthetic:leaves#size=16,seed=2"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("synthetic:leaves#size=16,seed=2 holds other images.", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(run, "config.json")));
    }

    /// <summary>Makes two classes with two images for training and one for testing each.</summary>
    private void Photos(string name)
    {
        foreach (string place in new[] { "train/cat/1", "train/cat/2", "train/dog/1", "train/dog/2", "test/cat/1", "test/dog/1" })
        {
            string path = Path.Combine(_folder[name], place + ".png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] pixels = [.. Enumerable.Range(0, 3 * 16 * 16).Select(i => (byte)(i * place.Length))];
            Imaging.ImageFile.WritePng(path, new Imaging.Rgb8Image(16, 16, pixels));
        }
    }
}
