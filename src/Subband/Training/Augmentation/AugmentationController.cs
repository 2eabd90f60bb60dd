using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>
/// Finds the strength of <see cref="AdaptiveAugmentation"/>: raises it while the discriminator is too sure of real images, which
/// is how overfitting shows, and lowers it while it is not.
/// </summary>
/// <remarks>
/// Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020), section 3: r_t = E[sign D(real)] over the
/// last steps is to be 0.6; after every 4 steps the strength moves so that it would get from 0 to 1 in 500,000 images.
/// </remarks>
public sealed class AugmentationController
{
    private const string StrengthKey = "strength";
    private const string LastMeanSignKey = "lastMeanSign";
    private const string SignSumKey = "signSum";
    private const string SignCountKey = "signCount";
    private const string ImagesKey = "images";
    private const string StepsKey = "steps";

    private readonly double _target;
    private readonly double _kimg;
    private readonly int _interval;

    // of the present window
    private long _signSum;
    private long _signCount;
    private long _images;
    private long _steps;

    /// <summary>Begins with a strength of 0.</summary>
    /// <param name="target">The mean sign that is aimed at, in (−1, 1).</param>
    /// <param name="kimg">In how many thousand images the strength gets from 0 to 1 at most; above 0.</param>
    /// <param name="interval">After how many steps the strength moves; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public AugmentationController(double target = 0.6, double kimg = 500, int interval = 4)
    {
        if (target is not (> -1 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(target), target, "The mean sign aimed at must be between -1 and 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kimg);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, 1);
        (_target, _kimg, _interval) = (target, kimg, interval);
    }

    private AugmentationController(double strength)
    {
        IsFixed = true;
        Strength = strength;
    }

    /// <summary>Whether the strength always stays the same.</summary>
    public bool IsFixed { get; }

    /// <summary>The strength to augment with now, from 0 to 1.</summary>
    public double Strength { get; private set; }

    /// <summary>r_t of the last complete window, from −1 to 1; 0 before the first, and always where the strength is fixed.</summary>
    public double LastMeanSign { get; private set; }

    /// <summary>A strength that stays.</summary>
    /// <param name="strength">From 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strength is out of this range.</exception>
    public static AugmentationController Fixed(double strength) => strength is >= 0 and <= 1
        ? new(strength)
        : throw new ArgumentOutOfRangeException(nameof(strength), strength, "The strength must be from 0 to 1.");

    /// <summary>Takes note of what the discriminator thinks of real images that were augmented with <see cref="Strength"/>.</summary>
    /// <param name="logits">D(real) of any shape, above 0 for real. May be recorded, and may come several times in a step.</param>
    public void Observe(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (IsFixed)
        {
            return;
        }

        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        _signSum += (long)logits.Sign().To(DType.Int64).Sum().Item();
        _signCount += logits.Count;
    }

    /// <summary>Ends a training step, and moves the strength where that was the last of a window.</summary>
    /// <param name="images">How many real images the step showed.</param>
    public void EndStep(int images)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(images);
        if (IsFixed)
        {
            return;
        }

        _steps++;
        _images += images;
        if (_steps < _interval)
        {
            return;
        }

        if (_signCount > 0)
        {
            LastMeanSign = (double)_signSum / _signCount;
            Strength = Math.Clamp(Strength + (Math.Sign(LastMeanSign - _target) * _images / (_kimg * 1000)), 0, 1);
        }

        (_signSum, _signCount, _images, _steps) = (0, 0, 0, 0);
    }

    /// <summary>Everything that moves, for <see cref="Restore"/>.</summary>
    public JsonObject State() => new()
    {
        [StrengthKey] = Strength,
        [LastMeanSignKey] = LastMeanSign,
        [SignSumKey] = _signSum,
        [SignCountKey] = _signCount,
        [ImagesKey] = _images,
        [StepsKey] = _steps,
    };

    /// <summary>Continues exactly where another controller of the same settings was. A fixed strength stays as it is.</summary>
    /// <param name="state">What <see cref="State"/> gave.</param>
    /// <exception cref="SubbandException">It is no such state.</exception>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (IsFixed)
        {
            return;
        }

        var strength = Number<double>(state, StrengthKey);
        var lastMeanSign = Number<double>(state, LastMeanSignKey);
        if (strength is not (>= 0 and <= 1))
        {
            throw new SubbandException($"The augmentation's strength must be from 0 to 1, its state says {strength}.");
        }

        var (signSum, signCount) = (Number<long>(state, SignSumKey), Number<long>(state, SignCountKey));
        var (images, steps) = (Number<long>(state, ImagesKey), Number<long>(state, StepsKey));
        (Strength, LastMeanSign, _signSum, _signCount, _images, _steps) = (strength, lastMeanSign, signSum, signCount, images, steps);
    }

    private static T Number<T>(JsonObject state, string key) => state[key] is JsonValue value && value.TryGetValue(out T? number)
        ? number
        : throw new SubbandException($"The augmentation's state holds no number {key}: {state.ToJsonString()}.");
}
