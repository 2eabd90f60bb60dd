using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

public sealed class ResumeRuleTests : IDisposable
{
    private readonly TinySource _source = new();

    private RunConfig Saved => Program.Config(_source);

    public void Dispose() => _source.Dispose();

    [Fact]
    public void Without_options_everything_comes_from_the_run()
    {
        ResumeDecision decision = ResumeRule.Decide("runs/a", Saved, new ResumeRequest());
        Assert.Equal([new ResumeLine("everything", "", "from the run")], decision.Lines);
        Assert.Equal(Saved.ToJson(), decision.Config.ToJson());
    }

    [Fact]
    public void Each_given_option_says_where_its_value_comes_from()
    {
        ResumeRequest request = new()
        {
            Preset = "tiny-8",
            Seed = 7,
            Threads = 1,
            Settings = [("training.kimg", "1"), ("rate", "0.01"), ("training.kimg", "2")],
        };
        ResumeDecision decision = ResumeRule.Decide("runs/a", Saved, request);
        Assert.Equal(
            [
                new ResumeLine("training.kimg", "2", "from the command line (was 0.96 in the run)"),
                new ResumeLine("rate", "0.01", "as in the run"),
                new ResumeLine("threads", "1", "as in the run"),
                new ResumeLine("everything else", "", "from the run"),
            ],
            decision.Lines);
        Assert.Equal(2, decision.Config.Settings.Training.Kimg);
    }

    [Theory]
    [InlineData("training.batchSize", "48", "The setting training.batchSize (images in one step) of the run runs/a is 24 and cannot become 48")]
    [InlineData("channels", "8", "The setting channels (hidden channels) of the run runs/a is 4 and cannot become 8")]
    [InlineData("training.kimg", "0", "takes a number, at least 0.001")]
    [InlineData("training.kimgs", "1", "Did you mean training.kimg?")]
    public void A_setting_on_which_the_state_depends_cannot_change(string name, string value, string expected)
    {
        UsageException error = Assert.Throws<UsageException>(
            () => ResumeRule.Decide("runs/a", Saved, new ResumeRequest { Settings = [(name, value)] }));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Such_a_setting_may_be_given_as_it_is()
    {
        ResumeDecision decision = ResumeRule.Decide("runs/a", Saved, new ResumeRequest { Settings = [("training.batchSize", "24")] });
        Assert.Equal(new ResumeLine("training.batchSize", "24", "as in the run"), decision.Lines[0]);
    }

    [Fact]
    public void Another_preset_seed_or_set_of_images_is_refused_with_the_way_out()
    {
        foreach ((ResumeRequest request, string expected) in new[]
        {
            (new ResumeRequest { Preset = "tiny-other" }, "The preset of the run runs/a is tiny-8 and cannot become tiny-other."),
            (new ResumeRequest { Seed = 8 }, "The seed of the run runs/a is 7 and cannot become 8."),
            (new ResumeRequest { Data = RunData.Of(new TinySource(2)) }, "is trained on tiny#seed=1, and tiny#seed=2 holds other images."),
        })
        {
            UsageException error = Assert.Throws<UsageException>(() => ResumeRule.Decide("runs/a", Saved, request));
            Assert.Contains(expected, error.Message);
            Assert.Contains("begin a new run in another folder", error.Message);
        }
    }

    [Fact]
    public void The_same_images_may_have_moved()
    {
        RunData moved = Saved.Data with { Source = "/elsewhere" };
        ResumeDecision decision = ResumeRule.Decide("runs/a", Saved, new ResumeRequest { Data = moved });
        Assert.Equal(new ResumeLine("data", "/elsewhere", "from the command line (was tiny#seed=1 in the run)"), decision.Lines[0]);
        Assert.Equal("/elsewhere", decision.Config.Data.Source);
    }

    [Fact]
    public void Another_number_of_threads_precision_or_device_is_allowed()
    {
        ResumeDecision threads = ResumeRule.Decide("runs/a", Saved, new ResumeRequest { Threads = 2, Precision = Precision.Bf16 });
        Assert.Equal(
            ["precision bf16 from the command line (was fp32 in the run)", "threads 2 from the command line (was 1 in the run)"],
            threads.Lines.SkipLast(1).Select(line => $"{line.Name} {line.Value} {line.Origin}"));
        Assert.Equal((2, Precision.Bf16), (threads.Config.Threads, threads.Config.Precision));
        Assert.Equal(Device.Cuda, ResumeRule.Decide("runs/a", Saved, new ResumeRequest { Device = Device.Cuda }).Config.Device);
    }
}
