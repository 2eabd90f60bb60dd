using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;
using Subband.Torch.Optim;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>How far a projection has come.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Distances">The perceptual distance of each image at this step, with the noise on its style.</param>
public sealed record ProjectionStep(int Step, IReadOnlyList<double> Distances);

/// <summary>Images as a generator makes them nearest.</summary>
/// <param name="Styles">w of each layer, [N, L, width].</param>
/// <param name="Noises">The noise maps, [N, 1, h, w] each.</param>
/// <param name="Images">What the generator makes of them, [N, C, H, W] in [-1, 1].</param>
/// <param name="Distances">The perceptual distance to each image.</param>
/// <param name="Curve">The distances at every step, [step][image].</param>
public sealed record StyleProjection(
    Tensor Styles,
    IReadOnlyList<Tensor> Noises,
    Tensor Images,
    IReadOnlyList<double> Distances,
    IReadOnlyList<IReadOnlyList<double>> Curve);

/// <summary>Finds the styles and the noise of which a generator makes an image that looks like a given one.</summary>
/// <remarks>
/// Karras et al. 2020, section 5 and appendix D: from the mean style, Adam lessens a perceptual distance; noise on the style, which fades, helps
/// to explore; noise maps are kept from holding the picture. Each image is a problem of its own, however many are computed together.
/// </remarks>
public sealed class StyleProjector
{
    private const int StylesForDeviation = 10_000;
    private const int MostPixels = 256;           // of a side when images are compared
    private const int LeastOfNoise = 8;           // the side of the coarsest noise that is looked at
    private const ulong Stream = 0x5052_4F4A;

    private readonly StyleGan2Model _model;
    private readonly Lpips _lpips;
    private readonly Device _device;

    /// <summary>Prepares projections.</summary>
    /// <param name="model">The model.</param>
    /// <param name="lpips">The distance, on the model's device.</param>
    /// <param name="options">How.</param>
    /// <param name="device">Where the model computes.</param>
    public StyleProjector(StyleGan2Model model, Lpips lpips, ProjectionOptions options, Device device = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(lpips);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1);
        (_model, _lpips, Options, _device) = (model, lpips, options, device);
    }

    /// <summary>How.</summary>
    public ProjectionOptions Options { get; }

    /// <summary>Projects images.</summary>
    /// <param name="images">[N, C, H, W] in [-1, 1] of the model's size and colour.</param>
    /// <param name="labels">The class of each, whose mean style is begun with; null for the mean of all classes.</param>
    /// <param name="tell">Is told after each step; null for nobody.</param>
    /// <param name="stop">Stops after the step.</param>
    /// <exception cref="TensorShapeException">They are of another size.</exception>
    /// <exception cref="UsageException">The model has no classes.</exception>
    /// <exception cref="SubbandException">The distance became infinite or no number.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public StyleProjection Project(
        Tensor images, IReadOnlyList<int>? labels = null, Action<ProjectionStep>? tell = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        RequireSize(images);
        var count = images.Size(0);
        SampleLabels.Require(_model.Classes, (int)count, labels);
        using var scope = new TensorScope();
        var target = Unit(images.To(_device));
        using var random = new Generator(SeededRandom.For(Options.Seed, Stream, 0).NextUInt64(), _device);
        var (mean, deviation) = StyleStatistics(count, labels);
        var styles = Variable(Options.StyleForEachLayer ? mean.Repeat(1, _model.Shape.Styles, 1) : mean);        // [N, L or 1, width]
        Tensor[] noises = [.. _model.NewNoises(count, random).Select(Variable)];
        using Adam adam = new([("styles", styles), .. noises.Select((noise, i) => ($"noise{i}", noise))], Options.Rate);
        List<IReadOnlyList<double>> curve = [];
        for (var step = 0; step < Options.Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            adam.LearningRate = Options.RateAt(step);
            var explored = styles + (styles.EmptyLike().NormalInPlace(0, 1, random) * (deviation * Options.StyleNoiseAt(step)));
            var made = _model.Record(Layered(explored), noises);
            var distances = _lpips.Distance(target, Unit(made));                                                   // [N]
            var loss = distances.Sum() + (Regularity(noises) * Options.NoiseRegularity);
            if (Options.PixelWeight > 0)
            {
                loss += (made - images).Square().Mean([1, 2, 3]).Sum() * Options.PixelWeight;
            }

            RequireFinite(loss, step);
            adam.Step(Autograd.Grad(loss, adam.Parameters));
            Array.ForEach(noises, Normalise);
            curve.Add([.. distances.ToArray<float>().Select(distance => (double)distance)]);
            tell?.Invoke(new ProjectionStep(step + 1, curve[^1]));
        }

        using var noGrad = Autograd.NoGrad();
        var final = Layered(styles.Detach());
        var result = _model.Synthesise(final, noises).Clamp(-1, 1);
        double[] reached = [.. _lpips.Distance(target, Unit(result)).ToArray<float>().Select(distance => (double)distance)];
        Tensor[] kept = [final.To(Device.Cpu).Clone(), result.To(Device.Cpu), .. noises.Select(noise => noise.Detach().To(Device.Cpu).Clone())];
        foreach (var tensor in kept)
        {
            scope.Keep(tensor);
        }

        return new StyleProjection(kept[0], kept[2..], kept[1], reached, curve);
    }

    /// <summary>How alike neighbours in noise maps are, at every scale down to 8 pixels: 0 for what is noise.</summary>
    /// <param name="noises">[N, 1, h, w] each.</param>
    /// <returns>The sum over the maps and images.</returns>
    internal static Tensor Regularity(IEnumerable<Tensor> noises)
    {
        var sum = Tensor.Scalar(0);
        foreach (var noise in noises)
        {
            for (var map = noise; ; map = Functional.AvgPool2d(map, 2, 2))
            {
                sum += (map * map.Roll(1, 3)).Mean([1, 2, 3]).Square().Sum() + (map * map.Roll(1, 2)).Mean([1, 2, 3]).Square().Sum();
                if (map.Size(2) <= LeastOfNoise || map.Size(3) <= LeastOfNoise)
                {
                    break;
                }
            }
        }

        return sum;
    }

    private static Tensor Variable(Tensor start)
    {
        var variable = start.Detach().Clone();
        variable.RequiresGrad = true;
        return variable;
    }

    // Each image's map to mean 0 and deviation 1.
    private static void Normalise(Tensor noise)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var centred = noise - noise.Mean([1, 2, 3], keep: true);
        noise.CopyFrom(centred / centred.Square().Mean([1, 2, 3], keep: true).Sqrt());
    }

    // w̄ of each image's class or of all [N, 1, width], and the one deviation σ of all numbers around it [N, 1, 1]
    private (Tensor Mean, Tensor Deviation) StyleStatistics(long count, IReadOnlyList<int>? labels)
    {
        using var noGrad = Autograd.NoGrad();
        var ofAll = _model.MeanStyles.Mean([0], keep: true);
        var mean = labels is null ? ofAll.Expand(count, -1) : _model.MeanStyle(labels);
        Dictionary<int, float> ofClasses = labels?.Distinct()
            .ToDictionary(label => label, label => Deviation(_ => label, _model.MeanStyle([label]))) ?? [];
        float[] deviations = labels is null
            ? [.. Enumerable.Repeat(Deviation(_model.LabelAt, ofAll), (int)count)]
            : [.. labels.Select(label => ofClasses[label])];
        return (mean.Unsqueeze(1), Tensor.From(deviations, count, 1, 1).To(_device));
    }

    private float Deviation(Func<long, int> label, Tensor mean)
    {
        using var scope = new TensorScope();
        using var random = new Generator(Stream, _device);
        var z = Tensor.Randn([StylesForDeviation, _model.Shape.StyleWidth], random);
        var away = _model.Styles(z, [.. Enumerable.Range(0, StylesForDeviation).Select(i => label(i))]) - mean;
        return (float)Math.Sqrt(away.Square().Sum().Item() / StylesForDeviation);
    }

    private Tensor Layered(Tensor styles) => Options.StyleForEachLayer ? styles : styles.Repeat(1, _model.Shape.Styles, 1);

    // [-1, 1] to RGB in [0, 1], at most 256 pixels high or wide
    private static Tensor Unit(Tensor images)
    {
        var unit = (TensorImages.ToRgb(images, PixelRange.Signed) + 1) * 0.5;
        var factor = Math.Max(images.Size(2), images.Size(3)) / MostPixels;
        return factor > 1 ? Functional.AvgPool2d(unit, factor, factor) : unit;
    }

    private static void RequireFinite(Tensor loss, int step)
    {
        var value = loss.Item();
        if (!double.IsFinite(value))
        {
            throw new SubbandException($"The projection became {value} at step {step + 1}. Give a smaller rate, or look at the model's samples.");
        }
    }

    private void RequireSize(Tensor images)
    {
        if (images.Dimensions != 4 || images.Size(1) != _model.Shape.Colours || images.Size(2) != _model.Height || images.Size(3) != _model.Width)
        {
            throw new TensorShapeException(
                $"{nameof(StyleProjector)}: images [N, {_model.Shape.Colours}, {_model.Height}, {_model.Width}] were expected, the tensor is {images}.",
                nameof(StyleProjector));
        }
    }
}
