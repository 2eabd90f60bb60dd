namespace Subband.Torch.Optim;

/// <summary>
/// The learning rate of each step. A pure function of the step's number, so that nothing has to be saved and a resumed
/// training goes on at the right rate.
/// </summary>
/// <remarks>
/// <code>
/// var schedule = LearningRateSchedule.Cosine(2e-4, steps: 100_000).WarmedUp(1_000);
/// optimizer.LearningRate = schedule.At(optimizer.Steps);
/// </code>
/// </remarks>
public sealed class LearningRateSchedule
{
    private readonly Func<long, double> _rate;

    private LearningRateSchedule(Func<long, double> rate) => _rate = rate;

    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _rate(step);
    }

    /// <summary>Always the same.</summary>
    public static LearningRateSchedule Constant(double rate) => new(_ => rate);

    /// <summary>Multiplied by a factor after every so many steps.</summary>
    public static LearningRateSchedule Stepped(double rate, long every, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        return new(step => rate * Math.Pow(factor, step / every));
    }

    /// <summary>Multiplied by a factor at each of some steps.</summary>
    public static LearningRateSchedule MultiStepped(double rate, IReadOnlyCollection<long> milestones, double factor)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        long[] own = [.. milestones];
        return new(step => rate * Math.Pow(factor, own.Count(milestone => milestone <= step)));
    }

    /// <summary>Multiplied by a factor once over every so many steps, evenly: rate · factor^(step / every).</summary>
    public static LearningRateSchedule Exponential(double rate, double factor, long every = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        return new(step => rate * Math.Pow(factor, (double)step / every));
    }

    /// <summary>Half a period of a cosine from the rate down to a last one, which is kept afterwards.</summary>
    /// <remarks>Loshchilov and Hutter, "SGDR" (2017), equation 5, without restarts.</remarks>
    public static LearningRateSchedule Cosine(double rate, long steps, double last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        return new(step => last + ((rate - last) * (1 + Math.Cos(Math.PI * Math.Min(step, steps) / steps)) / 2));
    }

    /// <summary>This schedule, multiplied by a factor that rises linearly to 1 over the first steps.</summary>
    /// <param name="steps">After how many steps the factor is 1.</param>
    /// <param name="from">The factor of step 0.</param>
    public LearningRateSchedule WarmedUp(long steps, double from = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        return new(step => _rate(step) * (from + ((1 - from) * Math.Min(step, steps) / steps)));
    }
}
