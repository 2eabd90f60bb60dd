namespace Subband.Models.StyleGan2.Editing;

/// <summary>How images are projected. The numbers are those of Karras et al. 2020, appendix D, and of its public programs.</summary>
public sealed record ProjectionOptions
{
    /// <summary>Steps of the optimisation.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Whether each layer has a style of its own (the space W+), which comes nearer to the image and is harder to edit; else all have one (W).</summary>
    public bool StyleForEachLayer { get; init; }

    /// <summary>The largest rate of Adam.</summary>
    public double Rate { get; init; } = 0.1;

    /// <summary>Share of the steps over which the rate rises from 0.</summary>
    public double RampUp { get; init; } = 0.05;

    /// <summary>Share of the steps over which the rate falls to 0.</summary>
    public double RampDown { get; init; } = 0.25;

    /// <summary>Strength of the noise on the style at the beginning, in deviations of styles.</summary>
    public double StyleNoise { get; init; } = 0.05;

    /// <summary>Share of the steps over which that noise falls to 0.</summary>
    public double StyleNoiseRamp { get; init; } = 0.75;

    /// <summary>Weight of the penalty on noise maps in which neighbours are alike, which would hold what belongs into the style.</summary>
    public double NoiseRegularity { get; init; } = 1e5;

    /// <summary>Weight of the mean squared difference of the pixels, in [-1, 1]; 0 compares by features alone.</summary>
    public double PixelWeight { get; init; }

    /// <summary>Where the random numbers start.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Counted from 0.</param>
    internal double RateAt(int step)
    {
        var t = (double)step / Steps;
        var down = 0.5 - (0.5 * Math.Cos(Math.PI * Math.Min(1, (1 - t) / RampDown)));
        return Rate * down * Math.Min(1, t / RampUp);
    }

    /// <summary>The strength of the noise on the style at a step, in deviations of styles.</summary>
    internal double StyleNoiseAt(int step)
    {
        var left = Math.Max(0, 1 - ((double)step / Steps / StyleNoiseRamp));
        return StyleNoise * left * left;
    }
}
