using System.Globalization;
using System.Text;
using Subband.Imaging;
using Subband.Tests.Models.StyleGan2;

namespace Subband.Cli.Tests.Commands;

/// <summary>What goes wrong with a StyleGAN2 or SWAGAN: each is told in a line that names the file or number and the way out.</summary>
public sealed class StyleBadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _model;
    private SmallDisk? _disk;

    public StyleBadInputTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        _model = new(() => TinyStyleGan2.Write(_folder["model.safetensors"], "swagan-32", "network.doublings=3"));
    }

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("optimizer.generatorRate=1e6")]
    [InlineData("optimizer.discriminatorRate=1e6")]
    public void A_training_that_explodes_stops_and_names_the_last_good_checkpoint(string setting)
    {
        string run = _folder["run"];
        string[] small =
            ["network.doublings=2", "network.styleWidth=8", "network.mappingLayers=2", "network.mostChannels=8", "training.batchSize=4"];
        string[] begin =
            ["train", "swagan-32-small", "--data", "synthetic:leaves#size=16", "--out", run, "--kimg=0.016", "--threads", "1", .. small.SelectMany(Set)];
        Assert.Equal(0, SubbandProcess.Run(begin).ExitCode);
        Outcome outcome = SubbandProcess.Run("train", "--resume", "--out", run, "--kimg=40", "--set", setting);
        Assert.True(outcome.ExitCode == 1, outcome.Messages);
        Assert.Matches(
            @"\nsubband: Training stopped at [\d.]+ kimg: .* is not finite\. "
            + $"The last good checkpoint is {run}/checkpoints/[0-9k]+\\. Continue from there with --resume and a lower learning rate(, or with --precision fp32)?\\.\n",
            "\n" + outcome.Messages);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(run, "checkpoints")));

        static string[] Set(string one) => ["--set", one];
    }

    [Fact]
    public void A_truncated_picture_is_named_and_the_others_are_projected()
    {
        ImageFile.WritePng(_folder["whole.png"], new DeadLeaves(48, 48).Render(0));
        byte[] bytes = File.ReadAllBytes(_folder["whole.png"]);
        _folder.Write("half.png", bytes.AsSpan(0, bytes.Length / 2));
        _folder.Write("empty.jpg", []);
        Outcome outcome = Project("half.png", "empty.jpg", "whole.png");
        Assert.True(outcome.ExitCode == 1, outcome.Messages);
        Assert.Contains(outcome.MessageLines, line => line.StartsWith($"subband: {_folder["half.png"]} is a truncated PNG image", StringComparison.Ordinal));
        Assert.Contains(outcome.MessageLines, line => line.StartsWith($"subband: {_folder["empty.jpg"]} ", StringComparison.Ordinal));
        Assert.True(File.Exists(_folder["out/whole.safetensors"]));
        Assert.False(File.Exists(_folder["out/half.safetensors"]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 400)]
    [InlineData(100, 20)]
    public void A_picture_of_any_shape_is_brought_to_the_models(int width, int height)
    {
        ImageFile.WritePng(_folder["a.png"], new Rgb8Image(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)i)]));
        Outcome outcome = Project("a.png");
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        Rgb8Image made = ImageFile.ReadRgb8(_folder["out/a.png"]);
        Assert.Equal((32, 32), (made.Width, made.Height));
        string said = string.Create(CultureInfo.InvariantCulture, $"has {width}x{height} pixels; the middle of the proportions of 32x32 is taken");
        Assert.Equal(width != height, outcome.Messages.Contains(said, StringComparison.Ordinal));
    }

    // NVIDIA's files are pickles of their own classes, which nobody but their program can open without running what is in them.
    [Theory]
    [InlineData("ffhq.pkl", "dnnlib.tflib.network.Network", "cdnnlib.tflib.network\nNetwork\n(tR.")]
    [InlineData("trap.pt", "posix.system", "cposix\nsystem\n(S'touch trapped'\ntR.")]
    public void A_pickle_of_foreign_classes_is_refused_without_running_it(string name, string asked, string pickle)
    {
        string path = _folder.Write(name, [0x80, 3, .. Encoding.ASCII.GetBytes(pickle)]);
        Outcome outcome = SubbandProcess.Run("import", path, "--out", _folder["x.safetensors"]);
        Assert.True(outcome.ExitCode == 1, outcome.Messages);
        Assert.Single(outcome.MessageLines);
        Assert.StartsWith($"subband: {path} asks for '{asked}', which is none of ", outcome.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["x.safetensors"]));
        Assert.False(File.Exists("trapped"));
    }

    [Fact]
    public void Samples_on_a_full_disk_are_named_and_those_before_it_stay_whole()
    {
        _disk = SmallDisk.Mount(_folder["disk"], "size=48k");
        Outcome sheet = SubbandProcess.Run("sample", _model.Value, "--out", _folder["disk/sheet.png"], "--count", "400");
        Assert.True(sheet.ExitCode == 1, sheet.Messages);
        Assert.StartsWith($"subband: Cannot write {_folder["disk/sheet.png"]}: failed to ", sheet.MessageLines[^1], StringComparison.Ordinal);
        Assert.Contains("because the disk is full (0.", sheet.MessageLines[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_disk.Path));

        Outcome files = SubbandProcess.Run("sample", _model.Value, "--folder", _folder["disk/files"], "--count", "100");
        Assert.True(files.ExitCode == 1, files.Messages);
        Assert.Contains("because the disk is full (0.", files.MessageLines[^1], StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_folder["disk/files"]), path => Assert.Equal(32, ImageFile.ReadRgb8(path).Width));
    }

    [Fact]
    public void A_read_only_folder_is_named_before_anything_is_made_for_it()
    {
        _disk = SmallDisk.Mount(_folder["disk"], "size=1m");
        Directory.CreateDirectory(_folder["disk/here"]);
        _disk.Change("ro");
        ImageFile.WritePng(_folder["a.png"], new DeadLeaves(32, 32).Render(0));
        foreach (string[] call in (string[][])
        [
            ["sample", _model.Value, "--count", "4", "--out", _folder["disk/sheet.png"]],
            ["sample", _model.Value, "--count", "4", "--folder", _folder["disk/files"]],
            ["sample", _model.Value, "--count", "4", "--folder", _folder["disk/here"]],
            ["project", _model.Value, _folder["a.png"], .. Features, "--out", _folder["disk/here"], "--steps", "1000000"],
        ])
        {
            Outcome outcome = SubbandProcess.Run(call);
            Assert.True(outcome.ExitCode == 1, outcome.Messages);
            Assert.Contains(_disk.Path, outcome.MessageLines[^1], StringComparison.Ordinal);
            Assert.Matches("[Rr]ead-only", outcome.MessageLines[^1]);
        }
    }

    private Outcome Project(params string[] names) => SubbandProcess.Run(
    [
        "project", _model.Value, .. names.Select(name => _folder[name]), .. Features, "--out", _folder["out"], "--steps", "2",
    ]);

    private static string[] Features =>
    [
        "--features", TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), "--lpips-weights", TestData.Path("weights/lpips_squeeze.pth"),
    ];
}
