using System.Text.Json;
using Subband.Imaging;
using Subband.Tests.Models.Lapgan;
using Subband.Torch.Native;

namespace Subband.Cli.Tests.Commands;

public sealed class SpectrumCommandTests : IDisposable
{
    private const string Leaves = "synthetic:leaves#size=16,take=0..40";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public SpectrumCommandTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Assert.SkipUnless(TorchLibrary.TryLoad().Loaded, "The native library is not built; ./test.sh builds it.");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_and_a_model_are_plotted_tabled_and_held_against_the_first()
    {
        string model = TinyLapgan.Write(_folder["tiny.safetensors"], "lapgan-cifar10-paper", "pyramid.sizes=16,8");
        string[] call = ["spectrum", Leaves, model, Leaves, "--count", "30", "--csv", _folder["curves.csv"]];
        Outcome page = SubbandProcess.Run([.. call, "--out", _folder["plot.png"]]);
        Assert.True(page.ExitCode == 0, page.Messages);
        Assert.Matches(@"(?m)^synthetic:leaves#size=16,take=0\.\.40 +30 +reference$", page.Out);
        Assert.Matches(@"(?m)^tiny\.safetensors +30 +\d+\.\d\d +[+-]\d+\.\d\d$", page.Out);
        Assert.Matches(@"(?m)^synthetic:leaves#size=16,take=0\.\.40 \(2\) +30 +0\.00 +0\.00$", page.Out);
        Assert.Contains("Kaiser window of unit energy, beta 8; zeros up to 64x64", page.Out, StringComparison.Ordinal);
        Assert.Equal($"spectra of 3 sources in {_folder["plot.png"]}\ntheir curves in {_folder["curves.csv"]}\n", page.Complaints);
        Rgb8Image plot = ImageFile.ReadRgb8(_folder["plot.png"]);
        Assert.InRange(plot.Width, 800, 1600);
        string[] lines = File.ReadAllLines(_folder["curves.csv"]);
        Assert.Equal(1 + 33, lines.Length);
        Assert.All(lines[1..], line => Assert.Equal(2 + (3 * 3), line.Split(',').Length));

        Outcome json = SubbandProcess.Run([.. call, "--out", _folder["again.png"], "--json"]);
        using JsonDocument result = JsonDocument.Parse(json.Out);
        JsonElement root = result.RootElement;
        Assert.Equal((16, 16), (root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32()));
        Assert.Equal("synthetic:leaves#size=16,take=0..40", root.GetProperty("whitened_by").GetString());
        JsonElement[] sources = [.. root.GetProperty("sources").EnumerateArray()];
        Assert.Equal(["images", "model", "images"], sources.Select(one => one.GetProperty("kind").GetString()));
        Assert.False(sources[0].TryGetProperty("high_frequency_gap_db", out _));
        double gap = sources[1].GetProperty("high_frequency_gap_db").GetDouble();
        Assert.True(gap >= Math.Abs(sources[1].GetProperty("signed_high_frequency_gap_db").GetDouble()) && gap > 0);
        Assert.Equal(0, sources[2].GetProperty("high_frequency_gap_db").GetDouble());
        Assert.Equal(_folder["curves.csv"], root.GetProperty("csv").GetString());
        Assert.Equal(File.ReadAllBytes(_folder["plot.png"]), File.ReadAllBytes(_folder["again.png"]));
    }

    [Fact]
    public void A_single_image_has_a_spectrum_and_files_that_are_none_are_named()
    {
        Photographs("one", (12, 10));
        File.WriteAllText(_folder["one/broken.png"], "not a picture");
        Outcome outcome = SubbandProcess.Run("spectrum", _folder["one"], "--out", _folder["plot.png"], "--whiten", "100,50", "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        Assert.Contains("refused broken.png: ", outcome.Messages, StringComparison.Ordinal);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        Assert.Equal((12, 100.0, 50.0), (
            result.RootElement.GetProperty("width").GetInt32(), result.RootElement.GetProperty("mean").GetDouble(), result.RootElement.GetProperty("deviation").GetDouble()));
        JsonElement source = result.RootElement.GetProperty("sources")[0];
        Assert.Equal((1, 1), (source.GetProperty("images").GetInt32(), source.GetProperty("refused").GetInt32()));
    }

    [Fact]
    public void Images_of_several_sizes_need_a_size_which_is_said_aloud()
    {
        Photographs("mixed", (12, 12), (16, 12), (12, 12));
        Outcome refused = SubbandProcess.Run("spectrum", _folder["mixed"], "--out", _folder["plot.png"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(
            $"1.png of {_folder["mixed"]} has 16x12 pixels, 0.png of {_folder["mixed"]} 12x12: the images should be of one size.", refused.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["plot.png"]));

        Outcome outcome = SubbandProcess.Run("spectrum", _folder["mixed"], "--out", _folder["plot.png"], "--size", "12");
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        Assert.Contains("1 of the 3 images of mixed had another size and were brought to 12x12 pixels", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "There is no file, folder, data set or shipped model 'cifar1'. Did you mean 'cifar10'?", "cifar1")]
    [InlineData(2, "There is no file, folder, data set or shipped model 'lapgan-cifar'. Did you mean 'lapgan-cifar10'?", "lapgan-cifar")]
    [InlineData(1, "There is no file or folder {0}/nothing.zip to read images from.", "{0}/nothing.zip")]
    [InlineData(1, "{0}/empty", "{0}/empty")]
    [InlineData(1, "{0}/small/0.png is a single image; give the folder that it lies in.", "{0}/small/0.png")]
    [InlineData(1, "which enlarges photographs and makes none from nothing; use 'subband upscale'", "rdn")]
    [InlineData(1, "which enlarges photographs and makes none from nothing; use 'subband upscale'", "vdsr")]
    [InlineData(2, "Spectra are taken of images with sides from 4 to 2048 pixels, not of 3x3.", "{0}/small")]
    [InlineData(1, "The images are all of one and the same flat grey", "{0}/flat")]
    [InlineData(2, "At most 7 spectra can be told apart in one plot, not 8.", "a", "b", "c", "d", "e", "f", "g", "h")]
    [InlineData(2, "--size takes a side in pixels, or width x height as in 96x64, not '12x'.", Leaves, "--size", "12x")]
    [InlineData(2, "Spectra are taken of images with sides from 4 to 2048 pixels, not of 3000x12.", Leaves, "--size", "3000x12")]
    [InlineData(2, "makes images of 32x32 pixels, which cannot be brought to 16x16; leave out --size.", "lapgan-cifar10", "--size", "16")]
    [InlineData(2, "--whiten takes a mean and a deviation greater than 0, such as 112.7,69.5, not '120'.", Leaves, "--whiten", "120")]
    [InlineData(2, "--whiten takes a mean and a deviation greater than 0, such as 112.7,69.5, not '120,0'.", Leaves, "--whiten", "120,0")]
    [InlineData(2, "--count takes a whole number from 1 to 1000000, not '0'.", Leaves, "--count", "0")]
    [InlineData(2, "--csv names a .csv file, but 'curves.txt' was given.", Leaves, "--csv", "curves.txt")]
    [InlineData(1, "--csv {0}/nowhere/curves.csv cannot be written: there is no folder {0}/nowhere.", Leaves, "--csv", "{0}/nowhere/curves.csv")]
    public void What_cannot_be_done_is_said(int exitCode, string said, params string[] arguments)
    {
        Directory.CreateDirectory(_folder["empty"]);
        Photographs("small", (3, 3));
        Directory.CreateDirectory(_folder["flat"]);
        ImageFile.WritePng(_folder["flat/0.png"], new Rgb8Image(8, 8, [.. Enumerable.Repeat((byte)90, 192)]));
        Outcome outcome = SubbandProcess.Run(["spectrum", .. arguments.Select(InFolder), "--out", _folder["plot.png"]]);
        Assert.True(exitCode == outcome.ExitCode, outcome.Messages);
        Assert.StartsWith("subband: ", outcome.Complaints, StringComparison.Ordinal);
        Assert.Contains(InFolder(said), outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
        Assert.False(File.Exists(_folder["plot.png"]));
    }

    [Theory]
    [InlineData(2, "--out names a .png file, but '{0}/plot.jpg' was given.", "{0}/plot.jpg")]
    [InlineData(1, "Cannot write /proc/self: failed to make plot.png in it", "/proc/self/plot.png")]
    public void Where_nothing_can_be_written_is_said_before_anything_is_read(int exitCode, string said, string to)
    {
        Outcome outcome = SubbandProcess.Run("spectrum", "nothing", "--out", InFolder(to));
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(InFolder(said), outcome.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_source_or_a_plot_it_exits_2()
    {
        Assert.Equal(2, SubbandProcess.Run("spectrum", "--out", _folder["plot.png"]).ExitCode);
        Assert.Equal(2, SubbandProcess.Run("spectrum", Leaves).ExitCode);
    }

    private string InFolder(string text) => text.Replace("{0}", _folder.Path, StringComparison.Ordinal);

    private void Photographs(string folder, params (int Width, int Height)[] sizes)
    {
        Directory.CreateDirectory(_folder[folder]);
        foreach ((int i, (int width, int height)) in sizes.Index())
        {
            byte[] pixels = [.. Enumerable.Range(0, 3 * width * height).Select(p => (byte)(p * (p + i + 3)))];
            ImageFile.WritePng(_folder[$"{folder}/{i}.png"], new Rgb8Image(width, height, pixels));
        }
    }
}
