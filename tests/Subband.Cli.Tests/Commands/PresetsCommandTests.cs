using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

public class PresetsCommandTests
{
    // These two need no libtorch.
    private static readonly Dictionary<string, string?> NoEngine = new() { ["SUBBAND_NATIVE"] = "/nowhere/libsubband_native.so" };

    [Fact]
    public void Every_preset_is_listed_with_its_sentence()
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, "presets");
        Assert.Equal(0, outcome.ExitCode);
        foreach (string name in new[]
        {
            "lapgan-cifar10", "lapgan-cifar10-paper", "lapgan-cifar10-paper-28", "lapgan-cifar10-paper-cc", "lapgan-stl10-paper",
            "lapgan-lsun-paper", "gan-cifar10-paper",
        })
        {
            Assert.Matches($@"(?m)^{name} +[A-Z].*\.$", outcome.Out);
        }

        JsonNode json = JsonNode.Parse(SubbandProcess.Run(NoEngine, "presets", "--json").Out)!;
        Assert.Equal("lapgan-cifar10", (string)json[0]!["name"]!);
        Assert.Equal("lapgan", (string)json[0]!["family"]!);
    }

    [Fact]
    public void Every_setting_is_listed_with_value_meaning_and_range()
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, "settings", "gan-cifar10-paper");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(
            "training.batchSize=100\n    images in one step\n    takes a whole number, at least 1\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("training.kimg=1000\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("; may change on --resume\n", outcome.Out, StringComparison.Ordinal);

        JsonNode[] json = [.. JsonNode.Parse(SubbandProcess.Run(NoEngine, "settings", "gan-cifar10-paper", "--json").Out)!.AsArray()!];
        JsonNode sizes = json.Single(setting => (string)setting["name"]! == "pyramid.sizes");
        Assert.Equal(32, (int)sizes["value"]![0]!);
        Assert.False((bool)sizes["changeable_on_resume"]!);
    }

    [Fact]
    public void Settings_of_an_unknown_preset_name_the_nearest()
    {
        Outcome outcome = SubbandProcess.Run("settings", "lapgan-cifar");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Did you mean 'lapgan-cifar10'?", outcome.Messages, StringComparison.Ordinal);
    }
}
