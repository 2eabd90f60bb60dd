using System.Text.Json;

namespace Subband.Cli.Tests.Commands;

public class DoctorCommandTests
{
    private static readonly Dictionary<string, string?> NoEngine = new()
    {
        ["SUBBAND_NATIVE"] = "/nowhere/libsubband_native.so",
        ["SUBBAND_NATIVE_TRAIL"] = "LIBTORCH: not set\nthe system's, in /usr: no headers (include/ATen/ATen.h)",
    };

    [Fact]
    public void Without_the_engine_the_report_exits_1_and_shows_the_search_and_the_remedy()
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, "doctor");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Empty(outcome.Messages);
        Assert.Contains("LIBTORCH: not set", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("/usr: no headers", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("/nowhere/libsubband_native.so: there is no such file", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("Unset SUBBAND_NATIVE", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("processor", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_report_names_a_finding_with_its_remedy_for_what_is_missing()
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, "doctor", "--json");
        Assert.Equal(1, outcome.ExitCode);
        using JsonDocument report = JsonDocument.Parse(outcome.Out);
        JsonElement root = report.RootElement;
        Assert.False(root.GetProperty("is_usable").GetBoolean());
        Assert.False(root.GetProperty("engine").GetProperty("is_loaded").GetBoolean());
        Assert.Equal("LIBTORCH", root.GetProperty("engine").GetProperty("search")[0].GetProperty("place").GetString());
        JsonElement finding = root.GetProperty("findings")[0];
        Assert.Equal("libtorch", finding.GetProperty("subject").GetString());
        Assert.True(finding.GetProperty("is_vital").GetBoolean());
        Assert.NotEmpty(finding.GetProperty("remedy").GetString()!);
        Assert.True(root.GetProperty("processor").GetProperty("threads").GetInt32() >= 1);
        Assert.True(root.GetProperty("memory").GetProperty("total_bytes").GetInt64() > 0);
    }

    [Fact]
    public void With_the_engine_the_report_exits_0_and_says_which_libtorch()
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        Outcome outcome = SubbandProcess.Run("doctor", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument report = JsonDocument.Parse(outcome.Out);
        JsonElement engine = report.RootElement.GetProperty("engine");
        Assert.True(engine.GetProperty("is_loaded").GetBoolean());
        Assert.Matches(@"^\d+\.\d+", engine.GetProperty("torch_version").GetString());
        Assert.True(engine.GetProperty("threads").GetInt32() >= 1);
    }

    [Fact]
    public void Without_a_terminal_the_report_has_no_colour() =>
        Assert.DoesNotContain("\e[", SubbandProcess.Run(NoEngine, "doctor").Out, StringComparison.Ordinal);
}
