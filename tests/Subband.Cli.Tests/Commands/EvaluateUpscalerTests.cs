using System.Text.Json;
using Subband.Tests.Models.Lapgan;

namespace Subband.Cli.Tests.Commands;

public sealed class EvaluateUpscalerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(2, 33.67)]
    [InlineData(4, 28.43)]
    public void Bicubic_on_Set5_has_the_figures_of_the_literature(int scale, double psnr)
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "bicubic", "--data", TestData.Path("sr/Set5"), "--scale", $"{scale}", "--json");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        JsonElement root = result.RootElement;
        Assert.Equal(psnr, root.GetProperty("psnr_y").GetDouble(), 0.005);
        Assert.True(root.GetProperty("ssim_y").GetDouble() is > 0.8 and < 0.94);
        Assert.True(root.GetProperty("psnr_rgb").GetDouble() < root.GetProperty("psnr_y").GetDouble());
        Assert.Equal(5, root.GetProperty("images").GetInt32());
        Assert.Equal(5, root.GetProperty("each").GetArrayLength());
        Assert.Equal(scale, root.GetProperty("crop").GetInt32());
    }

    [Fact]
    public void The_page_has_a_row_for_each_picture_the_mean_and_the_protocol()
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "lanczos3", "--data", TestData.Path("sr/Set5"), "--scale", "3", "--metrics", "psnr");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("lanczos3 x3, fp32 on", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("butterfly", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("mean of 5", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("LRx3", outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("ssim", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_self_ensemble_of_a_curve_is_the_curve_and_not_asked_for()
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "bilinear", "--data", TestData.Path("sr/Set5"), "--scale", "4", "--self-ensemble");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("bilinear would give the same answer every time", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_cannot_be_used_is_named_and_exits_1()
    {
        string set = TestData.Path("sr/Set5");
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.Copy($"{set}/HR/bird.png", _folder["HR/bird.png"]);
        File.WriteAllBytes(_folder["HR/empty.png"], []);
        Outcome outcome = SubbandProcess.Run("evaluate", "bicubic", "--data", _folder.Path, "--scale", "2");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("empty was not compared: ", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("mean of 1", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("say by how much with --scale", "bicubic")]
    [InlineData("The metric fd is for models that make images from nothing", "bicubic", "--scale", "2", "--metrics", "fd")]
    [InlineData("The metric psnr is for models that enlarge", "m.safetensors", "--metrics", "psnr")]
    [InlineData("--count is for models that make images from nothing", "bicubic", "--scale", "2", "--count", "5")]
    [InlineData("--self-ensemble is for models that enlarge", "m.safetensors", "--self-ensemble")]
    [InlineData("--scale takes a whole number from 2 to 64", "bicubic", "--scale", "1")]
    public void Wrong_usage_exits_2_and_says_what_is_expected(string message, string model, params string[] options)
    {
        Outcome outcome = SubbandProcess.Run(["evaluate", model, "--data", _folder.Path, .. options]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_enlarges_nothing_says_so()
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        Outcome outcome = SubbandProcess.Run(
            "evaluate", TinyLapgan.Write(_folder["model.safetensors"], "lapgan-cifar10-paper", "pyramid.sizes=16,8"), "--data", TestData.Path("sr/Set5"), "--scale", "2");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("makes images from nothing and enlarges no photographs", outcome.Messages, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
