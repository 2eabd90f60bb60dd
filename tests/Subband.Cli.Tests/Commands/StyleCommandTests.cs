using System.Globalization;
using Subband.Imaging;
using Subband.Tests.Models.StyleGan2;

namespace Subband.Cli.Tests.Commands;

/// <summary>What <c>sample</c>, <c>project</c> and <c>edit</c> do with a StyleGAN2 or SWAGAN.</summary>
public sealed class StyleCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public StyleCommandTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        _model = TinyStyleGan2.Write(_folder["model.safetensors"], "swagan-32", "network.doublings=3", "optimizer.averageKimg=0.001", "optimizer.generatorRate=0.1");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Truncation_and_noise_change_the_samples()
    {
        byte[] plain = Sampled("plain");
        byte[] near = Sampled("near", "--truncation", "0.5");
        byte[] coarse = Sampled("coarse", "--truncation", "0.5", "--truncated-layers", "2");
        byte[] still = Sampled("still", "--noise", "none");
        Assert.Equal(plain, Sampled("again", "--truncation", "1"));
        Assert.Equal(3, new[] { near, coarse, plain }.Select(Convert.ToBase64String).Distinct().Count());
        Assert.NotEqual(plain, still);

        byte[] Sampled(string name, params string[] more)
        {
            Outcome outcome = SubbandProcess.Run(["sample", _model, "--folder", _folder[name], "--count", "1", .. more]);
            Assert.True(outcome.ExitCode == 0, outcome.Messages);
            return ImageFile.ReadRgb8(_folder[$"{name}/000.png"]).Pixels;
        }
    }

    [Fact]
    public void Mixing_bands_and_walks_are_sheets_and_a_walk_can_move()
    {
        Run("sample", _model, "--out", _folder["mix.png"], "--mix", "1-3", "--count", "2");
        Rgb8Image mix = ImageFile.ReadRgb8(_folder["mix.png"]);
        Assert.True(mix.Width > 7 * (96 + 6) && mix.Height > 3 * (96 + 6), $"{mix.Width}x{mix.Height}");
        Run("sample", _model, "--out", _folder["bands.png"], "--bands", "--count", "2");
        Run("sample", _model, "--out", _folder["walk.png"], "--interpolate", "4", "--count", "2");
        Run("sample", _model, "--out", _folder["walk.webp"], "--interpolate", "4", "--count", "2", "--folder", _folder["frames"]);
        Assert.Equal(8, Directory.GetFiles(_folder["frames"]).Length);
        ImageInfo moving = ImageFile.Probe(_folder["walk.webp"]);
        Assert.Equal((32, 32), (moving.Width, moving.Height));
    }

    [Fact]
    public void Directions_are_found_learned_and_shown()
    {
        Run("edit", "find", _model, "--out", _folder["found.safetensors"], "--layers", "0-2", "--count", "3");
        Outcome shown = Run("edit", "show", _model, _folder["found.safetensors"], "--out", _folder["shown.png"], "--direction", "2", "--columns", "3");
        Assert.Contains("direction 2", shown.Out, StringComparison.Ordinal);
        File.WriteAllLines(_folder["smile.csv"], ["number,score", .. Enumerable.Range(0, 20).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{i % 2}"))]);
        Outcome learned = Run("edit", "learn", _model, _folder["smile.csv"], "--out", _folder["learned.safetensors"]);
        Assert.Contains("smile, learned from 14 samples, right on", learned.Out, StringComparison.Ordinal);
        Run("edit", "show", _model, _folder["learned.safetensors"], "--out", _folder["moved.png"], "--strength", "1.5", "--count", "2");
        Assert.True(File.Exists(_folder["moved.png"]));
    }

    [Fact]
    public void Pictures_are_projected_and_what_cannot_be_read_is_told()
    {
        ImageFile.WritePng(_folder["a.png"], new Rgb8Image(40, 32, [.. Enumerable.Repeat((byte)90, 3 * 40 * 32)]));
        File.WriteAllText(_folder["b.png"], "no picture");
        Outcome outcome = SubbandProcess.Run(
        [
            "project", _model, _folder["a.png"], _folder["b.png"], "--out", _folder["out"], "--steps", "3", .. Features(),
        ]);
        Assert.True(outcome.ExitCode == 1, outcome.Messages);
        Assert.Contains("b.png", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("has 40x32 pixels; the middle", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal(["a-compared.png", "a.csv", "a.png", "a.safetensors", "curves.png"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order());
        Assert.Equal(4, File.ReadAllLines(_folder["out/a.csv"]).Length);
        Run("edit", "find", _model, "--out", _folder["found.safetensors"]);
        Run("edit", "show", _model, _folder["found.safetensors"], "--latents", _folder["out/a.safetensors"], "--out", _folder["moved.png"]);
    }

    [Fact]
    public void Pictures_whose_files_would_be_one_are_refused_before_the_search()
    {
        Directory.CreateDirectory(_folder["other"]);
        foreach (string name in new[] { "a.png", "other/a.png", "a-compared.png", "curves.png" })
        {
            ImageFile.WritePng(_folder[name], new Rgb8Image(32, 32, new byte[3 * 32 * 32]));
        }

        AssertRefused("would both become a.safetensors", "a.png", "other/a.png");
        AssertRefused("would both become a-compared.png", "a.png", "a-compared.png");
        AssertRefused("The chart of all distances and", "curves.png");
        Assert.False(Path.Exists(_folder["out"]));

        void AssertRefused(string said, params string[] names)
        {
            Outcome outcome = SubbandProcess.Run(
                ["project", _model, .. names.Select(name => _folder[name]), "--out", _folder["out"], .. Features()]);
            Assert.True(outcome.ExitCode == 2, outcome.Messages);
            Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Classes_are_chosen_by_name_or_number_and_what_is_taken_without_is_said()
    {
        string model = Conditional();
        Run("edit", "find", model, "--out", _folder["found.safetensors"], "--count", "2");
        byte[] turn = Shown("in turn", "turn.png");
        byte[] stone = Shown("", "stone.png", "--class", "stone");
        Assert.Equal(stone, Shown("", "one.png", "--class", "1"));
        Assert.NotEqual(stone, turn);
        Assert.NotEqual(stone, Shown("", "two.png", "--class", "2"));

        ImageFile.WritePng(_folder["a.png"], new Rgb8Image(32, 32, [.. Enumerable.Repeat((byte)90, 3 * 32 * 32)]));
        string[] project = ["project", model, _folder["a.png"], "--steps", "2", .. Features(), "--out"];
        Assert.Contains("has 3 classes; the search begins at the mean style of all", Run([.. project, _folder["all"]]).Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("classes", Run([.. project, _folder["sky"], "--class", "sky"]).Messages, StringComparison.Ordinal);
        Assert.NotEqual(File.ReadAllText(_folder["all/a.csv"]), File.ReadAllText(_folder["sky/a.csv"]));
        Run("edit", "show", model, _folder["found.safetensors"], "--latents", _folder["sky/a.safetensors"], "--out", _folder["moved.png"]);

        byte[] Shown(string said, string name, params string[] more)
        {
            Outcome outcome = Run(["edit", "show", model, _folder["found.safetensors"], "--out", _folder[name], "--columns", "3", .. more]);
            Assert.Equal(said.Length > 0, outcome.Messages.Contains("of the classes in turn", StringComparison.Ordinal));
            return ImageFile.ReadRgb8(_folder[name]).Pixels;
        }
    }

    [Theory]
    [InlineData]
    [InlineData("--class", "sky")]
    public void A_walk_leads_through_the_samples_of_the_classes_in_turn_or_of_one(params string[] only)
    {
        string[] common = ["sample", Conditional(), "--count", "3", "--noise", "none", .. only];
        Run([.. common, "--folder", _folder["samples"]]);
        Run([.. common, "--folder", _folder["walk"], "--interpolate", "2"]);

        string[] samples = [.. Directory.GetFiles(_folder["samples"]).Order(StringComparer.Ordinal)];
        string[] stations = [.. Directory.GetFiles(_folder["walk"]).Order(StringComparer.Ordinal).Where((_, step) => step % 2 == 0)];
        Assert.Equal(3, samples.Length);
        Assert.All(samples.Zip(stations), pair => Assert.All(
            ImageFile.ReadRgb8(pair.First).Pixels.Zip(ImageFile.ReadRgb8(pair.Second).Pixels), level => Assert.InRange(level.First - level.Second, -1, 1)));
    }

    [Fact]
    public void Scored_samples_are_of_the_classes_in_turn_of_one_or_of_those_that_their_lines_tell()
    {
        string model = Conditional();
        string[] Lines(Func<int, string> ending) =>
            [.. Enumerable.Range(0, 24).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{(i * 7) % 4 / 2}{ending(i)}"))];
        string[] names = ["leaf", "stone", "sky"];
        File.WriteAllLines(_folder["plain.csv"], Lines(_ => ""));
        File.WriteAllLines(_folder["turn.csv"], ["number,score,class", .. Lines(i => "," + names[i % 3])]);
        File.WriteAllLines(_folder["sky.csv"], Lines(_ => ",2"));
        byte[] plain = Learned("plain", "are taken to be of the classes in turn");
        byte[] sky = Learned("sky", "");
        Assert.Equal(plain, Learned("turn", ""));
        Assert.Equal(sky, Learned("plain", "", "--class", "sky"));
        Assert.NotEqual(plain, sky);

        File.WriteAllLines(_folder["wrong.csv"], ["0,1,leaf", "1,0,ston"]);
        AssertRefused(1, "wrong.csv, line 2: There is no class 'ston'. Did you mean 'stone'?", model, "wrong.csv");
        AssertRefused(2, "tells the classes of samples, and --class gives one for all", model, "turn.csv", "--class", "sky");
        AssertRefused(2, "turn.csv, line 2: class 'leaf' is given, and swagan-32 has no classes", _model, "turn.csv");

        byte[] Learned(string scores, string said, params string[] more)
        {
            Outcome outcome = Run(["edit", "learn", model, _folder[scores + ".csv"], "--name", "any", "--out", _folder["learned.safetensors"], .. more]);
            Assert.Equal(said.Length > 0, outcome.Messages.Contains("classes", StringComparison.Ordinal));
            Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
            return File.ReadAllBytes(_folder["learned.safetensors"]);
        }

        void AssertRefused(int exitCode, string said, string given, string scores, params string[] more)
        {
            Outcome outcome = SubbandProcess.Run(["edit", "learn", given, _folder[scores], "--out", _folder["x.safetensors"], .. more]);
            Assert.True(outcome.ExitCode == exitCode, outcome.Messages);
            Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["x.safetensors"]));
        }
    }

    [Theory]
    [InlineData("This model has no classes to choose from; leave out --class.", false, "leaf")]
    [InlineData("There is no class 'ston'. Did you mean 'stone'? There are: leaf, stone, sky.", true, "ston")]
    [InlineData("There is no class 3: this model's are 0 (leaf) to 2 (sky).", true, "3")]
    [InlineData("There is no class -1: this model's are 0 (leaf) to 2 (sky).", true, "-1")]
    public void A_class_that_is_none_is_refused_wherever_one_can_be_chosen(string said, bool isConditional, string given)
    {
        string model = isConditional ? Conditional() : _model;
        Run("edit", "find", model, "--out", _folder["found.safetensors"], "--count", "1");
        File.WriteAllLines(_folder["scores.csv"], ["0,1", "1,0", "2,1", "3,0"]);
        ImageFile.WritePng(_folder["a.png"], new Rgb8Image(32, 32, new byte[3 * 32 * 32]));
        foreach (string[] arguments in (string[][])
        [
            ["sample", model, "--out", _folder["x.png"]],
            ["edit", "show", model, _folder["found.safetensors"], "--out", _folder["x.png"]],
            ["edit", "learn", model, _folder["scores.csv"], "--out", _folder["x.safetensors"]],
            ["project", model, _folder["a.png"], "--out", _folder["out"], .. Features()],
        ])
        {
            Outcome outcome = SubbandProcess.Run([.. arguments, $"--class={given}"]);
            Assert.True(outcome.ExitCode == 2, outcome.Messages);
            Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--class is of samples, and --latents", "edit", "show", "MODEL", "x", "--out", "x.png", "--latents", "y", "--class", "leaf")]
    [InlineData("out of bounds: this model has layers 0 (the coarsest) to 5", "sample", "MODEL", "--out", "x.png", "--mix", "2-9")]
    [InlineData("--truncated-layers is 60, and swagan-32 has 6 layers", "sample", "MODEL", "--out", "x.png", "--truncation", "0.5", "--truncated-layers", "60")]
    [InlineData("--truncation takes a number from -10 to 10, not 'x'", "sample", "MODEL", "--out", "x.png", "--truncation", "x")]
    [InlineData("--truncated-layers says what --truncation is for", "sample", "MODEL", "--out", "x.png", "--truncated-layers", "2")]
    [InlineData("lapgan-cifar10 has none", "sample", "lapgan-cifar10", "--out", "x.png", "--mix")]
    [InlineData("lapgan-cifar10 has none", "sample", "lapgan-cifar10", "--out", "x.png", "--noise", "none")]
    [InlineData("lapgan-cifar10 has none", "edit", "find", "lapgan-cifar10", "--out", "x.safetensors")]
    [InlineData("lapgan-cifar10 walks on a sheet only", "sample", "lapgan-cifar10", "--out", "x.webp", "--interpolate")]
    [InlineData("give --features FILE", "project", "MODEL", "MODEL", "--out", "out")]
    [InlineData("--columns is 4; it must be odd", "edit", "show", "MODEL", "x", "--out", "x.png", "--columns", "4")]
    public void What_cannot_be_asked_for_is_said_as_wrong_usage(string said, params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Run([.. arguments.Select(Placed)]);
        Assert.True(outcome.ExitCode == 2, outcome.Messages);
        Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_another_kind_are_refused_by_name()
    {
        AssertFails("holds no directions of styles", "edit", "show", _model, _model, "--out", _folder["x.png"]);
        AssertFails("There is no picture or folder", ["project", _model, _folder["none.png"], "--out", _folder["out"], .. Features()]);
        AssertFails("does not exist", "project", _model, _model, "--out", _folder["out"], "--features", "nowhere", "--lpips-weights", "nowhere");
        File.WriteAllText(_folder["scores.csv"], "1,2\nx,3\n");
        AssertFails("line 2: 'x,3' is no 'number,score'", "edit", "learn", _model, _folder["scores.csv"], "--out", _folder["x.safetensors"]);

        static void AssertFails(string said, params string[] arguments)
        {
            Outcome outcome = SubbandProcess.Run(arguments);
            Assert.True(outcome.ExitCode == 1, outcome.Messages);
            Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        }
    }

    private string Conditional() => TinyStyleGan2.Write(
        _folder["conditional.safetensors"],
        "swagan-32",
        "network.doublings=3",
        "conditional=true",
        "optimizer.averageKimg=0.001",
        "optimizer.generatorRate=0.1");

    private static string[] Features() =>
    [
        "--features", TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), "--lpips-weights", TestData.Path("weights/lpips_squeeze.pth"),
    ];

    private static Outcome Run(params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        return outcome;
    }

    private string Placed(string argument) => argument switch
    {
        "MODEL" => _model,
        _ when argument.StartsWith("x.", StringComparison.Ordinal) => _folder[argument],
        _ => argument,
    };
}
