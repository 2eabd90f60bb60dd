using System.Text;
using System.Text.Json;
using Subband.Imaging;
using Subband.Tests.Models.Lapgan;

namespace Subband.Cli.Tests.Commands;

public sealed class SampleCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_sheet_of_a_model_with_classes_has_a_row_for_each_and_the_same_seed_gives_the_same_bytes()
    {
        string model = Conditional();
        Outcome first = SubbandProcess.Run("sample", model, "--out", _folder["a.png"], "--seed", "7", "--json");
        Assert.Equal((0, ""), (first.ExitCode, first.Complaints));
        using JsonDocument result = JsonDocument.Parse(first.Out);
        Assert.Equal("lapgan-cifar10", result.RootElement.GetProperty("preset").GetString());
        Assert.Equal(30, result.RootElement.GetProperty("count").GetInt32());
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["b.png"], "--seed", "7").ExitCode);
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["c.png"], "--seed", "8").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["a.png"]), File.ReadAllBytes(_folder["b.png"]));
        Assert.NotEqual(File.ReadAllBytes(_folder["a.png"]), File.ReadAllBytes(_folder["c.png"]));
        Rgb8Image sheet = ImageFile.ReadRgb8(_folder["a.png"]);
        Assert.True(sheet.Width > 10 * (96 + 6) && sheet.Height == 32 + (3 * (96 + 6)) - 6, $"{sheet.Width}x{sheet.Height}");
    }

    [Fact]
    public void The_shipped_model_is_sampled_by_its_name()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Outcome outcome = SubbandProcess.Run("sample", "lapgan-cifar10", "--folder", _folder["frogs"], "--count", "2", "--class", "frog");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        Assert.Equal(["000-frog.png", "001-frog.png"], Names("frogs"));
        Rgb8Image frog = ImageFile.ReadRgb8(_folder["frogs/000-frog.png"]);
        Assert.Equal((32, 32), (frog.Width, frog.Height));
    }

    [Fact]
    public void Single_files_are_numbered_and_named_by_class_and_are_the_pictures_of_the_sheet()
    {
        string model = Conditional();
        Outcome all = SubbandProcess.Run("sample", model, "--folder", _folder["all"], "--count", "4");
        Assert.Equal((0, ""), (all.ExitCode, all.Complaints));
        Assert.Equal(["000-leaf.png", "001-stone.png", "002-sky.png", "003-leaf.png"], Names("all"));
        Outcome stones = SubbandProcess.Run("sample", model, "--folder", _folder["stones"], "--count", "2", "--class", "stone");
        Assert.Equal(0, stones.ExitCode);
        Assert.Equal(["000-stone.png", "001-stone.png"], Names("stones"));
        Rgb8Image one = ImageFile.ReadRgb8(_folder["all/001-stone.png"]);
        Assert.Equal((16, 16), (one.Width, one.Height));
        Assert.Contains("4 files", all.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_of_many_samples_are_those_of_few_and_then_more()
    {
        string model = Conditional();
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--folder", _folder["many"], "--count", "130").ExitCode);
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--folder", _folder["few"], "--count", "30").ExitCode);
        Assert.Equal(130, Names("many").Length);
        foreach (string name in Names("few"))
        {
            Assert.Equal(
                ImageFile.ReadRgb8(_folder[$"few/{name}"]).Pixels.ToArray(), ImageFile.ReadRgb8(_folder[$"many/{name}"]).Pixels.ToArray());
        }
    }

    [Fact]
    public void A_signal_stops_the_drawing_and_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        using RunningSubband running = new("sample", Conditional(), "--folder", _folder["many"], "--count", "100000");
        Assert.True(SpinWait.SpinUntil(() => Directory.Exists(_folder["many"]), TimeSpan.FromMinutes(1)), "It did not begin within a minute.");
        running.Send("TERM");
        Outcome outcome = running.End();
        Assert.Equal(143, outcome.ExitCode);
        Assert.Equal("subband: interrupted", outcome.MessageLines[^1]);
        Assert.True(Names("many").Length < 100_000);
    }

    [Fact]
    public void Chains_redraws_and_walks_are_sheets_of_their_own()
    {
        string model = Conditional();
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["chain.png"], "--chain").ExitCode);
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["redraw.png"], "--redraw", "0", "--count", "2").ExitCode);
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["walk.png"], "--interpolate", "5", "--class", "sky").ExitCode);
        Assert.Equal(0, SubbandProcess.Run("sample", model, "--out", _folder["walk9.png"], "--count", "2", "--interpolate").ExitCode);
        Rgb8Image chain = ImageFile.ReadRgb8(_folder["chain.png"]); // I1, l0, h0, I0 of three classes
        Assert.True(chain.Width > 4 * (96 + 6) && chain.Height > 3 * (96 + 6), $"{chain.Width}x{chain.Height}");
        Rgb8Image redraw = ImageFile.ReadRgb8(_folder["redraw.png"]); // kept and eight redraws
        Assert.True(redraw.Width > 9 * (96 + 6) && redraw.Height < 3 * (96 + 6), $"{redraw.Width}x{redraw.Height}");
        Assert.True(ImageFile.ReadRgb8(_folder["walk9.png"]).Width > 10 * (96 + 6));
    }

    [Fact]
    public void Neighbours_are_told_with_name_and_distance()
    {
        string model = Plain();
        SubbandProcess.Run("sample", model, "--folder", _folder["copies"], "--count", "3", "--seed", "5");
        Outcome outcome = SubbandProcess.Run(
            "sample", model, "--out", _folder["near.png"], "--neighbours", _folder["copies"], "--count", "2", "--seed", "5", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        JsonElement nearest = result.RootElement.GetProperty("neighbours")[1][0];
        Assert.Equal("001.png", nearest.GetProperty("name").GetString());
        Assert.Equal(0, nearest.GetProperty("distance").GetDouble());
        Assert.True(File.Exists(_folder["near.png"]));
    }

    [Theory]
    [InlineData("--chain and --redraw are two kinds of sheet", "--out", "x.png", "--chain", "--redraw", "0")]
    [InlineData("--folder holds plain samples", "--out", "x.png", "--chain", "--folder", "y")]
    [InlineData("Say where to write: --out FILE.png", "--count", "3")]
    [InlineData("--out names a .png file", "--out", "x.jpg")]
    [InlineData("--count takes a whole number from 1", "--out", "x.png", "--count", "0")]
    [InlineData("--interpolate takes a whole number of steps from 2 to 64, not '1'", "--out", "x.png", "--interpolate", "1")]
    [InlineData("A sheet of --chain has at most 500 rows, and --count asks for 501", "--out", "x.png", "--chain", "--count", "501")]
    [InlineData("--folder is empty; give DIR", "--folder", "")]
    [InlineData("Level 1 has no band", "--out", "x.png", "--redraw", "1")]
    [InlineData("There is no class 'stoen'. Did you mean 'stone'?", "--out", "x.png", "--class", "stoen")]
    public void Wrong_usage_exits_2_and_writes_nothing(string message, params string[] arguments)
    {
        string model = Conditional();
        string[] placed = [.. arguments.Select(a => a is "x.png" or "x.jpg" or "y" ? _folder[a] : a)];
        Outcome outcome = SubbandProcess.Run(["sample", model, .. placed]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
        Assert.Equal([model], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_model_without_classes_has_none_to_choose_and_one_without_levels_no_chain()
    {
        Outcome noClass = SubbandProcess.Run("sample", Plain(), "--out", _folder["x.png"], "--class", "frog");
        Assert.Equal(2, noClass.ExitCode);
        Assert.Contains("has no classes", noClass.Messages, StringComparison.Ordinal);
        string flat = TinyLapgan.Write(_folder["flat.safetensors"], "gan-cifar10-paper", "pyramid.sizes=8");
        Outcome noChain = SubbandProcess.Run("sample", flat, "--out", _folder["x.png"], "--chain");
        Assert.Equal(2, noChain.ExitCode);
        Assert.Contains("in one step", noChain.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["x.png"]));
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html></html>", "HTML")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "LFS")]
    public void A_file_that_only_calls_itself_a_model_is_named_for_what_it_is(string content, string what)
    {
        string path = _folder.Write("model.safetensors", Encoding.UTF8.GetBytes(content));
        Outcome outcome = SubbandProcess.Run("sample", path, "--out", _folder["x.png"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(path, outcome.Messages, StringComparison.Ordinal);
        Assert.Contains(what, outcome.Messages, StringComparison.Ordinal);
        Assert.InRange(outcome.MessageLines.Length, 1, 2);
        Assert.False(File.Exists(_folder["x.png"]));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(_folder[folder]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private string Conditional() => Model("lapgan-cifar10");

    private string Plain() => Model("lapgan-cifar10-paper");

    private string Model(string preset)
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        if (!ImageFile.IsAvailable(out string reason))
        {
            Assert.Skip(reason);
        }

        return TinyLapgan.Write(_folder[$"{preset}.safetensors"], preset, "pyramid.sizes=16,8");
    }
}
