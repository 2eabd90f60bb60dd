using System.Text.Json;
using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Two_files_get_a_row_and_the_protocol()
    {
        Write("a.png", 24, 20, 1);
        Write("b.png", 24, 20, 2);
        Outcome page = SubbandProcess.Run("compare", _folder["a.png"], _folder["b.png"], "--crop", "2");
        Assert.Equal((0, ""), (page.ExitCode, page.Complaints));
        Assert.Contains("psnr y", page.Out, StringComparison.Ordinal);
        Assert.Contains("mean of 1", page.Out, StringComparison.Ordinal);
        Assert.Contains("BT.601 studio", page.Out, StringComparison.Ordinal);
        Assert.Contains("2 pixels left out", page.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("lpips", page.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_are_matched_by_name_and_what_did_not_match_is_said_and_exits_1()
    {
        _ = Directory.CreateDirectory(_folder["true"]);
        _ = Directory.CreateDirectory(_folder["made"]);
        Write("true/a.png", 24, 20, 1);
        Write("true/b.png", 24, 20, 1);
        Write("true/c.png", 24, 20, 1);
        Write("made/a.png", 24, 20, 1);
        Write("made/b.png", 12, 20, 1);
        Write("made/d.png", 24, 20, 1);
        Outcome outcome = SubbandProcess.Run("compare", _folder["true"], _folder["made"], "--json");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"1 picture of {_folder["true"]} not found in {_folder["made"]}: c", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains($"1 picture of {_folder["made"]} not found in {_folder["true"]}: d", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("b was not compared: ", outcome.Messages, StringComparison.Ordinal);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        JsonElement root = result.RootElement;
        Assert.Equal(1, root.GetProperty("images").GetInt32());
        JsonElement row = root.GetProperty("each")[0];
        Assert.Equal("a", row.GetProperty("name").GetString());
        // JSON knows no infinity.
        Assert.True(row.GetProperty("equal").GetBoolean());
        Assert.False(row.TryGetProperty("psnr_y", out _));
        Assert.Equal(1, row.GetProperty("ssim_y").GetDouble(), 1e-9);
        Assert.Equal("b", root.GetProperty("failed")[0].GetProperty("name").GetString());
        Assert.Equal("c", root.GetProperty("only_in_reference")[0].GetString());
    }

    [Fact]
    public void Lpips_is_told_with_its_network_and_weights()
    {
        string set = TestData.Path("sr/Set5");
        Outcome outcome = SubbandProcess.Run(
            "compare", $"{set}/HR/bird.png", $"{set}/HR/bird.png", "--metrics", "lpips",
            "--features", TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), "--lpips-weights", TestData.Path("weights/lpips_squeeze.pth"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        Assert.Equal(0, result.RootElement.GetProperty("lpips").GetDouble(), 1e-7);
        Assert.Contains("LPIPS v0.1, squeeze", result.RootElement.GetProperty("protocol")[1].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--features FILE", "--metrics", "psnr,lpips")]
    [InlineData("There is no metric 'psrn'. Did you mean 'psnr'?", "--metrics", "psrn")]
    [InlineData("--features is for the metric lpips", "--metrics", "psnr", "--features", "x.pth")]
    [InlineData("--crop takes a whole number", "--crop", "-1")]
    public void Wrong_usage_exits_2_and_says_what_is_expected(string message, params string[] options)
    {
        Outcome outcome = SubbandProcess.Run(["compare", "a.png", "b.png", .. options]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_broken_file_is_named_and_exits_1()
    {
        Write("a.png", 24, 20, 1);
        File.WriteAllText(_folder["text.jpg"], "not a picture");
        Outcome broken = SubbandProcess.Run("compare", _folder["a.png"], _folder["text.jpg"]);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains(_folder["text.jpg"], broken.Messages, StringComparison.Ordinal);
        Outcome missing = SubbandProcess.Run("compare", _folder["a.png"], _folder["none.png"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains(_folder["none.png"], missing.Messages, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, int width, int height, int step) => ImageFile.WritePng(
        _folder[name], new Rgb8Image(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(p => (byte)(p * (2 * step) / 3))]));
}
