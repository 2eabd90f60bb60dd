using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

/// <summary>A machine without an image library, which packed and synthetic images do not need.</summary>
public sealed class WithoutLibvipsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly Dictionary<string, string?> _environment;

    public WithoutLibvipsTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Puts a broken libvips before the sound one, where Linux looks for it first.");
        _folder.Write("libvips.so.42", ""u8);
        _environment = new() { ["LD_LIBRARY_PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}" };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_trained_from_a_pack_and_only_the_sheets_are_missing()
    {
        string pack = _folder["leaves.safetensors"];
        Assert.Equal(0, Run("data", "pack", "synthetic:leaves#size=16,take=0..64", "--out", pack).ExitCode);

        string run = _folder["run"];
        Outcome outcome = Run(["train", TinyTraining.Preset, "--data", pack, "--out", run, "--kimg=0.32", .. TinyTraining.Settings]);
        Assert.Equal(0, outcome.ExitCode);
        string warning = Assert.Single(outcome.MessageLines, line => line.Contains("libvips", StringComparison.Ordinal));
        Assert.Contains("There will be no sample sheets: libvips, which reads and writes images, cannot be loaded (", warning, StringComparison.Ordinal);
        Assert.EndsWith(" Training goes on without them.", warning, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(run, "samples")));
        Assert.Equal(0.32, (double)JsonNode.Parse(File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))[^1])!["kimg"]!);
        Assert.True(File.Exists(Path.Combine(run, "checkpoints", "000000k320", "model.safetensors")));

        // The weights are those of a training that draws sheets.
        Assert.Equal(0, SubbandProcess.Run(
            ["train", TinyTraining.Preset, "--data", pack, "--out", _folder["whole"], "--kimg=0.32", .. TinyTraining.Settings]).ExitCode);
        Assert.Equal(TinyTraining.End(_folder["whole"]).Model, TinyTraining.End(run).Model);
    }

    [Fact]
    public void What_cannot_do_without_pictures_says_so_before_it_begins()
    {
        Outcome outcome = Run("sample", "lapgan-cifar10", "--out", _folder["sheet.png"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("subband: No picture can be written here. libvips, ", Assert.Single(outcome.MessageLines), StringComparison.Ordinal);
    }

    private Outcome Run(params string[] arguments) => SubbandProcess.Run(_environment, arguments);
}
