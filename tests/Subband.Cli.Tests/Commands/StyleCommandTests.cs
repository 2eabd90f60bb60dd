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

    [Theory]
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
