using System.Text.Json;
using Subband.Torch;

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

    // A libtorch that was asked for by name and is not there must not be replaced by one that was built before.
    [Fact]
    public void Where_the_launcher_found_no_engine_none_is_taken_from_elsewhere()
    {
        Outcome outcome = SubbandProcess.Run(
            new Dictionary<string, string?>
            {
                ["SUBBAND_NATIVE"] = null,
                ["SUBBAND_NATIVE_TRAIL"] = "LIBTORCH=/nonexistent: no headers",
                ["SUBBAND_NATIVE_REMEDY"] = "Choose one of:\n  a way\n  another way",
            },
            "doctor");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("  Choose one of:\n    a way\n    another way\n", outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Everything vital", outcome.Out, StringComparison.Ordinal);
    }

    // On a processor with AVX-512 oneDNN then refuses what libtorch asks of it, instead of answering.
    [Fact]
    public void A_oneDNN_that_refuses_is_switched_off_and_no_failure()
    {
        Outcome outcome = SubbandProcess.Run(new Dictionary<string, string?> { ["DNNL_MAX_CPU_ISA"] = "AVX2" }, "doctor");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Messages));
        Assert.Contains("Everything vital is there.", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("presets")]
    public void What_computes_nothing_works_without_the_engine(string argument)
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, argument);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Messages));
        Assert.NotEmpty(outcome.Out);
    }

    [Fact]
    public void A_verb_that_computes_tells_the_search_and_the_remedy()
    {
        Outcome outcome = SubbandProcess.Run(NoEngine, "sample", "lapgan-cifar10", "--out", "sheet.png");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("/nowhere/libsubband_native.so: there is no such file", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("doctor", outcome.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Messages, StringComparison.Ordinal);
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
        Assert.Equal(Engine.Convolutions.HasOneDnn ? "oneDNN" : "libtorch's own code", engine.GetProperty("convolutions").GetString());
        Assert.Equal(Engine.OwnConvolutions, engine.GetProperty("own_convolutions").GetString());
        Assert.Equal(ComputeChoice.WhyNotBf16(Device.Cpu), engine.GetProperty("why_not_bf16").GetString());
        Assert.Equal(Engine.Convolutions.Fault, engine.GetProperty("convolution_fault").GetString());
    }

    // libtorch itself counts one on a virtual machine of two.
    [Theory]
    [InlineData(null)]
    [InlineData("3")]
    public void The_threads_told_are_those_that_commands_compute_with(string? asked)
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        Dictionary<string, string?> environment = new() { ["OMP_NUM_THREADS"] = asked };
        using JsonDocument doctor = JsonDocument.Parse(SubbandProcess.Run(environment, "doctor", "--json").Out);
        using JsonDocument bench = JsonDocument.Parse(SubbandProcess.Run(
            environment, "bench", "train", "lapgan-cifar10-paper", "--level", "1", "--batch", "2", "--steps", "1", "--warmup", "0", "--json").Out);
        int threads = bench.RootElement.GetProperty("threads").GetInt32();
        Assert.Equal(threads, doctor.RootElement.GetProperty("engine").GetProperty("threads").GetInt32());
        Assert.True(asked is null || threads == 3);
    }

    [Fact]
    public void A_native_library_that_does_not_start_says_why()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "There is no C compiler.");
        using TemporaryFolder folder = new();
        File.WriteAllText(
            folder["broken.c"],
            "int sb_initialise(void *info) { return 6; } const char *sb_last_error(void) { return \"the stars stand ill\"; }");
        Outcome compiled = SubbandProcess.Start(
            "/usr/bin/cc", [], "-shared", "-fPIC", "-o", folder["broken.so"], folder["broken.c"]);
        Assert.Equal(0, compiled.ExitCode);
        Outcome outcome = SubbandProcess.Run(
            new Dictionary<string, string?> { ["SUBBAND_NATIVE"] = folder["broken.so"] }, "doctor", "--json");
        Assert.Equal(1, outcome.ExitCode);
        using JsonDocument report = JsonDocument.Parse(outcome.Out);
        Assert.Equal(
            $"{folder["broken.so"]} did not start: the stars stand ill (Internal). Remove it and run ./subband again, which compiles it anew.",
            report.RootElement.GetProperty("engine").GetProperty("failure").GetString());
    }

    [Fact]
    public void Without_a_terminal_the_report_has_no_colour() =>
        Assert.DoesNotContain("\e[", SubbandProcess.Run(NoEngine, "doctor").Out, StringComparison.Ordinal);
}
