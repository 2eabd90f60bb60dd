using Subband.Torch.Optim;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests.Optim;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData("step")]
    [InlineData("multistep")]
    [InlineData("cosine")]
    [InlineData("exponential")]
    [InlineData("warmup")]
    public void Rates_equal_PyTorchs(string name)
    {
        var golden = GoldenNumbers.Root.GetProperty("schedules").GetProperty(name);
        double Number(string setting) => golden.GetProperty(setting).GetDouble();
        var rate = Number("base");
        var schedule = name switch
        {
            "step" => LearningRateSchedule.Stepped(rate, (long)Number("step_size"), Number("gamma")),
            "multistep" => LearningRateSchedule.MultiStepped(
                rate, [.. golden.GetProperty("milestones").EnumerateArray().Select(m => m.GetInt64())], Number("gamma")),
            "cosine" => LearningRateSchedule.Cosine(rate, (long)Number("t_max"), Number("eta_min")),
            "exponential" => LearningRateSchedule.Exponential(rate, Number("gamma")),
            _ => LearningRateSchedule.Constant(rate).WarmedUp((long)Number("total_iters"), Number("start_factor")),
        };
        var step = 0;
        foreach (var expected in golden.GetProperty("rates").EnumerateArray())
        {
            Assert.Equal(expected.GetDouble(), schedule.At(step++), 1e-15);
        }
    }

    [Fact]
    public void Schedules_combine_and_stay_at_their_ends()
    {
        var schedule = LearningRateSchedule.Cosine(1, 100, last: 0.1).WarmedUp(10);
        Assert.Equal(0, schedule.At(0));
        Assert.Equal(0.55, schedule.At(50), 1e-12);
        Assert.Equal(0.1, schedule.At(100), 1e-12);
        Assert.Equal(0.1, schedule.At(1_000_000), 1e-12);
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant(1).At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Stepped(1, 0, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Cosine(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant(1).WarmedUp(0));
    }
}
