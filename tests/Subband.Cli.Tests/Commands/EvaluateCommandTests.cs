using System.Text.Json;
using Subband.Imaging;
using Subband.Tests.Models.Lapgan;

namespace Subband.Cli.Tests.Commands;

public sealed class EvaluateCommandTests : IDisposable
{
    private const string Leaves = "synthetic:leaves#size=16,take=0..60";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Both_measures_are_told_with_their_protocol()
    {
        string features = TestData.Path("weights/squeezenet1_1.safetensors");
        string model = Model("lapgan-cifar10-paper", "pyramid.sizes=16,8");
        string[] call = ["evaluate", model, "--data", Leaves, "--features", features, "--count", "40", "--multi-scale-images", "3"];
        Outcome page = SubbandProcess.Run(call);
        Assert.Equal(0, page.ExitCode);
        Assert.Contains("40 samples against 60 true images", page.Out, StringComparison.Ordinal);
        Assert.Contains("SqueezeNet 1.1", page.Out, StringComparison.Ordinal);
        Assert.Contains("too few images to compare", page.Out, StringComparison.Ordinal);
        Assert.Contains("over 54 test images", page.Out, StringComparison.Ordinal);
        Assert.Contains("band 16x16", page.Out, StringComparison.Ordinal);

        Outcome json = SubbandProcess.Run([.. call, "--json"]);
        using JsonDocument result = JsonDocument.Parse(json.Out);
        JsonElement root = result.RootElement;
        Assert.True(root.GetProperty("fd").GetDouble() > 0);
        Assert.Equal(512, root.GetProperty("fdProtocol").GetProperty("dimensions").GetInt32());
        JsonElement parzen = root.GetProperty("parzen");
        Assert.Equal(6, parzen.GetProperty("validationImages").GetInt32());
        Assert.True(parzen.GetProperty("width").GetDouble() > 0);
        Assert.NotEqual(0, parzen.GetProperty("mean").GetDouble());
        Assert.True(parzen.GetProperty("deviation").GetDouble() > 0);
        Assert.Equal(3, parzen.GetProperty("multiScale").GetProperty("images").GetInt32());
        Assert.Equal(2, parzen.GetProperty("multiScale").GetProperty("factors").GetArrayLength());
        // The same seed, the same numbers.
        Assert.Equal(json.Out, SubbandProcess.Run([.. call, "--json"]).Out);
    }

    [Fact]
    public void A_model_that_has_no_multi_scale_figure_gets_the_plain_one_and_the_reason()
    {
        string model = Model("lapgan-cifar10", "pyramid.sizes=14,8");
        Outcome outcome = SubbandProcess.Run(
            "evaluate", model, "--data", Leaves, "--metrics", "parzen", "--count", "20", "--validation", "synthetic:leaves#size=16,seed=9,take=0..20");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("none: The multi-scale Parzen measure needs a pyramid that halves the side", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("over 60 test images", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("chosen on 20 images: synthetic:leaves#size=16,seed=9,take=0..20", outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("fd ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_images_are_named_and_counted()
    {
        Directory.CreateDirectory(_folder["photos"]);
        for (int i = 0; i < 12; i++)
        {
            ImageFile.WritePng(_folder[$"photos/{i:00}.png"], new Rgb8Image(16, 16, [.. Enumerable.Range(0, 768).Select(p => (byte)(p * (i + 3)))]));
        }

        File.WriteAllText(_folder["photos/broken.png"], "not a picture");
        string model = Model("lapgan-cifar10-paper", "pyramid.sizes=16,8");
        Outcome outcome = SubbandProcess.Run("evaluate", model, "--data", _folder["photos"], "--metrics", "parzen", "--count", "4", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("refused broken.png: ", outcome.Messages, StringComparison.Ordinal);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        Assert.Equal(1, result.RootElement.GetProperty("refused").GetInt32());
    }

    [Fact]
    public void Without_the_feature_network_fd_exits_2_and_says_which_file_and_where_it_is()
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "model.safetensors", "--data", Leaves, "--metrics", "fd");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--features FILE", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("SqueezeNet 1.1", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("https://", outcome.Messages, StringComparison.Ordinal);
        Outcome missing = SubbandProcess.Run("evaluate", "model.safetensors", "--data", Leaves, "--features", _folder["no.safetensors"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains(_folder["no.safetensors"], missing.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parzen", "--features", "weights.safetensors")]
    [InlineData("fd", "--validation", "photos")]
    [InlineData("fd", "--multi-scale-images", "0")]
    public void An_option_that_no_metric_asked_for_reads_is_refused(string metric, params string[] option)
    {
        string[] features = metric == "fd" ? ["--features", "weights.safetensors"] : [];
        Outcome outcome = SubbandProcess.Run(
            ["evaluate", "model.safetensors", "--data", Leaves, "--metrics", metric, .. features, .. option]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"subband: {option[0]} is for the metric ", outcome.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parzn", "There is no metric 'parzn'. Did you mean 'parzen'?")]
    [InlineData("fid", "There is no metric 'fid'. Did you mean 'fd'?")]
    [InlineData(",", "--metrics names nothing to measure")]
    public void An_unknown_metric_exits_2_and_names_the_nearest(string metrics, string message)
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "model.safetensors", "--data", Leaves, "--metrics", metrics);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_data_it_exits_2()
    {
        Outcome outcome = SubbandProcess.Run("evaluate", "model.safetensors");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--data", outcome.Messages, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Model(string preset, string changes)
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        return TinyLapgan.Write(_folder["model.safetensors"], preset, changes);
    }
}
