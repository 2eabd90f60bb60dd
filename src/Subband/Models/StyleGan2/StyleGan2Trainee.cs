using System.Text.Json.Nodes;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;
using Subband.Training;
using Subband.Training.Augmentation;

namespace Subband.Models.StyleGan2;

/// <summary>A StyleGAN2 or SWAGAN while it is trained.</summary>
/// <remarks>
/// The order is that of rosinality/stylegan2-pytorch: a step of D, at some steps one more for R1; a step of G, at some steps one more for path
/// lengths; then the average.
/// </remarks>
internal sealed class StyleGan2Trainee : ITrainee
{
    private const string ImagesCounter = "images";
    private const string StepsCounter = "steps";
    private const string StrengthCounter = "augmentation";
    private const string PathLengthMean = "pathLengthMean";
    private const ulong MixingStream = 0x4D49_5849_4E47; // what the draws of style mixing are derived for
    private const int SheetSide = 1280;                  // pixels, about
    private const int MostColumns = 10;

    private readonly string _preset;
    private readonly StyleGan2Settings _settings;
    private readonly TrainingContext _context;
    private readonly StyleGan2Generator _generator;
    private readonly StyleGan2Discriminator _discriminator;
    private readonly LazyAdam _generatorOptimizer;
    private readonly LazyAdam _discriminatorOptimizer;
    private readonly PathLengthPenalty _pathLength;
    private readonly ExponentialMovingAverage _average;
    private readonly SampleValidation? _validation;
    private readonly StyleDraws _draws;
    private readonly AdaptiveAugmentation _augmentation;
    private readonly AugmentationController _strength;
    private long _steps;
    private int _mixings; // of this step
    private bool _isStarted;

    /// <summary>Makes untrained networks and their optimisers.</summary>
    /// <param name="preset">The preset's name.</param>
    /// <param name="settings">All settings.</param>
    /// <param name="context">Of the training.</param>
    /// <param name="validation">What measures it meanwhile, handed over; null for nothing.</param>
    /// <param name="draws">Where random numbers come from; null for the context's generator.</param>
    public StyleGan2Trainee(
        string preset, StyleGan2Settings settings, TrainingContext context, SampleValidation? validation = null, StyleDraws? draws = null)
    {
        _validation = validation;
        _draws = draws ?? new StyleDraws(context.Random);
        (_preset, _settings, _context) = (preset, settings, context);
        using var initial = new Generator(context.Seed);
        _generator = _context.Place(new StyleGan2Generator(settings.GeneratorShape(context.Classes.Count), initial));
        _discriminator = _context.Place(StyleGan2Discriminator.Of(settings.DiscriminatorShape(context.Classes.Count), initial));
        var loss = settings.Loss;
        _generatorOptimizer = new LazyAdam(_generator, settings.Optimizer, loss.PathLength > 0 ? loss.PathLengthInterval : 0);
        _discriminatorOptimizer = new LazyAdam(_discriminator, settings.Optimizer, R1Weight > 0 ? loss.R1Interval : 0);
        _pathLength = new PathLengthPenalty(loss.PathLengthDecay, context.Device);
        _average = new ExponentialMovingAverage(_generator, decay: 0);
        var augmentation = settings.Augmentation;
        _augmentation = new AdaptiveAugmentation(augmentation.Groups);
        _strength = augmentation switch
        {
            { Groups: AugmentationGroups.None } => AugmentationController.Fixed(0),
            { Strength: { } strength } => AugmentationController.Fixed(strength),
            _ => new AugmentationController(augmentation.Target, augmentation.Kimg, augmentation.Interval),
        };
    }

    /// <inheritdoc/>
    public long Images { get; private set; }

    private double R1Weight => _settings.Loss.R1Rule == R1Rule.Given
        ? _settings.Loss.R1
        : 0.0002 * _generator.Shape.Height * _generator.Shape.Width / _settings.Training.BatchSize;

    /// <inheritdoc/>
    public IReadOnlyList<Measure> Step(TrainingBatch batch)
    {
        Start();
        using var scope = new TensorScope();
        List<Measure> measures = [];
        _mixings = 0;
        var classes = _settings.Conditional ? batch.Labels!.OneHot(_context.Classes.Count).To(DType.Float32) : null;
        StepDiscriminator(batch.Images, classes, measures);
        if (R1Weight > 0 && _steps % _settings.Loss.R1Interval == 0)
        {
            StepGradientPenalty(batch.Images, classes, measures);
        }

        StepGenerator(batch.Images.Size(0), classes, measures);
        if (_settings.Loss.PathLength > 0 && _steps % _settings.Loss.PathLengthInterval == 0)
        {
            StepPathLength(batch.Images.Size(0), classes, measures);
        }

        if (_augmentation.Groups != AugmentationGroups.None)
        {
            measures.Add(new Measure("augmentation", Tensor.Scalar(_strength.Strength)));
        }

        _strength.EndStep((int)batch.Images.Size(0));
        _steps++;
        Images += batch.Images.Size(0);
        _average.Decay = ExponentialMovingAverage.DecayFor(AverageKimg, batch.Images.Size(0));
        _average.Update();
        foreach (var measure in measures)
        {
            scope.Keep(measure.Value);
        }

        return measures;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> ModelTensors()
    {
        Start();
        return
        [
            .. AveragedTensors.Prefixed(AveragedTensors.Generator, _generator.NamedTensors()),
            .. AveragedTensors.Prefixed(AveragedTensors.Average, _average.NamedTensors()),
            .. AveragedTensors.Prefixed(AveragedTensors.Discriminator, _discriminator.NamedTensors()),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() =>
    [
        .. AveragedTensors.Prefixed(AveragedTensors.Generator, _generatorOptimizer.NamedState()),
        .. AveragedTensors.Prefixed(AveragedTensors.Discriminator, _discriminatorOptimizer.NamedState()),
        (PathLengthMean, _pathLength.Mean),
    ];

    /// <inheritdoc/>
    public JsonObject Counters() => new() { [ImagesCounter] = Images, [StepsCounter] = _steps, [StrengthCounter] = _strength.State() };

    /// <inheritdoc/>
    public void Restore(TensorArchive model, TensorArchive optimizer, JsonObject counters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(counters);
        _generator.CopyFrom(name => model.Find(AveragedTensors.Generator + name), model.Path);
        _discriminator.CopyFrom(name => model.Find(AveragedTensors.Discriminator + name), model.Path);
        _average.Load(name => model.Find(AveragedTensors.Average + name), model.Path);
        _generatorOptimizer.Load(name => optimizer.Find(AveragedTensors.Generator + name), optimizer.Path);
        _discriminatorOptimizer.Load(name => optimizer.Find(AveragedTensors.Discriminator + name), optimizer.Path);
        TensorsByName.Copy([(PathLengthMean, _pathLength.Mean)], optimizer.Find, optimizer.Path);
        (Images, _steps) = (Counter(ImagesCounter), Counter(StepsCounter));
        _strength.Restore(counters[StrengthCounter] as JsonObject
            ?? throw new SubbandException($"The checkpoint of {model.Path} does not say how strong its augmentation was."));
        _isStarted = true;

        long Counter(string name) => counters[name]?.GetValue<long>()
            ?? throw new SubbandException($"The checkpoint of {model.Path} does not say its number of {name}.");
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ModelMetadata() =>
        ModelFile.Metadata(StyleGan2Family.FamilyName, _preset, _settings, _context.Classes, Counters());

    /// <inheritdoc/>
    public Rgb8Image SampleSheet()
    {
        using var scope = new TensorScope();
        using var model = Averaged();
        var columns = Math.Clamp(SheetSide / model.Width, 2, MostColumns);
        var rows = Math.Clamp(SheetSide / model.Height, 2, MostColumns);
        // One class a column.
        int[]? labels = model.Classes.Count == 0 ? null : [.. Enumerable.Range(0, columns * rows).Select(i => i % columns % model.Classes.Count)];
        return SampleGrid.Compose(TensorImages.ToImages(model.Generate(columns * rows, _context.Seed, labels), PixelRange.Signed), columns);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Validate()
    {
        if (_validation is null)
        {
            return [];
        }

        using var model = Averaged();
        return _validation.Measure(model);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _validation?.Dispose();
        _generatorOptimizer.Dispose();
        _discriminatorOptimizer.Dispose();
        _pathLength.Dispose();
        _average.Dispose();
        _generator.Dispose();
        _discriminator.Dispose();
    }

    // The model as it would be used now.
    private StyleGan2Model Averaged()
    {
        Start();
        using var unused = new Generator(0); // its values are overwritten
        var averaged = _context.Place(new StyleGan2Generator(_generator.Shape, unused));
        _average.CopyTo(averaged);
        return new StyleGan2Model(_settings, _context.Classes, averaged, _context.Device, owned: true);
    }

    // A run that goes on has its state, and needs no longer the model that it started from.
    private void Start()
    {
        if (!_isStarted && _settings.Optimizer.StartFrom is { Length: > 0 } model)
        {
            using var start = StyleGan2Start.Open(model, _settings);
            start.Copy(_generator, _average, _generatorOptimizer, _discriminator, _discriminatorOptimizer);
        }

        _isStarted = true;
    }

    private void StepDiscriminator(Tensor images, Tensor? classes, List<Measure> measures)
    {
        // One kind of images after the other, so that the features of one at a time are kept.
        var (gradients, seen) = Accumulate(
            _discriminatorOptimizer.Parameters,
            images.Size(0),
            part =>
            {
                var score = Judge(Generated(part, classes), part, classes);
                var loss = Functional.Softplus(score).Mean();
                return (loss, [loss, score.Mean()]);
            },
            part =>
            {
                var score = Judge(part.Of(images), part, classes);
                _strength.Observe(score);
                var loss = Functional.Softplus(-score).Mean();
                return (loss, [loss, score.Mean()]);
            });
        _discriminatorOptimizer.Step(gradients, _settings.Optimizer.DiscriminatorRate);
        Report(measures, ["discriminator", "realScore", "generatedScore"], seen[0] + seen[2], seen[3], seen[1]);
    }

    private void StepGradientPenalty(Tensor images, Tensor? classes, List<Measure> measures)
    {
        var (gradients, seen) = Accumulate(_discriminatorOptimizer.Parameters, images.Size(0), part =>
        {
            var recorded = part.Of(images).Detach();
            recorded.RequiresGrad = true;
            var penalty = AdversarialLoss.R1(Judge(recorded, part, classes), recorded, R1Weight);
            return (penalty * _settings.Loss.R1Interval, [penalty]);
        });
        _discriminatorOptimizer.Step(gradients, _settings.Optimizer.DiscriminatorRate);
        Report(measures, ["r1"], seen);
    }

    private void StepGenerator(long count, Tensor? classes, List<Measure> measures)
    {
        var (gradients, seen) = Accumulate(_generatorOptimizer.Parameters, count, part =>
        {
            var generated = Make(Styles(part, classes));
            var loss = AdversarialLoss.Generator(AdversarialLossKind.NonSaturating, Judge(generated, part, classes));
            return (loss, [loss]);
        });
        _generatorOptimizer.Step(gradients, _settings.Optimizer.GeneratorRate);
        Report(measures, ["generator"], seen);
    }

    private void StepPathLength(long count, Tensor? classes, List<Measure> measures)
    {
        var (gradients, seen) = Accumulate(_generatorOptimizer.Parameters, Math.Max(1, count / _settings.Loss.PathLengthShrink), part =>
        {
            var styles = Styles(part, classes);
            var images = Make(styles);
            var (penalty, length) = _pathLength.Of(images, styles, _draws.PixelWeights(images));
            return (penalty * (_settings.Loss.PathLength * _settings.Loss.PathLengthInterval), [penalty, length]);
        });
        _generatorOptimizer.Step(gradients, _settings.Optimizer.GeneratorRate);
        Report(measures, ["pathLengthPenalty", "pathLength"], seen);
    }

    /// <summary>The gradients of a sum of losses that are means over images, summed up part by part.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="count">Images in all.</param>
    /// <param name="losses">Each computes a loss of a part, recorded, and further scalars.</param>
    /// <returns>The gradients, and the means of the further scalars over all images.</returns>
    private (Tensor[] Gradients, Tensor[] Seen) Accumulate(
        Tensor[] parameters, long count, params Func<ImagePart, (Tensor Loss, Tensor[] Seen)>[] losses)
    {
        Tensor[] gradients = [];
        var means = new Tensor[losses.Length][];
        foreach (var part in ImagePart.Split(count, _settings.Optimizer.PartSize))
        {
            foreach (var (i, compute) in losses.Index())
            {
                using var scope = new TensorScope();
                var (loss, seen) = compute(part);
                // What a loss does not depend on, such as the last bias on the length of paths, gets zeros, as it does from the reference.
                gradients = Add(gradients, Autograd.Grad(loss * part.Share, parameters, allowUnused: true));
                means[i] = Add(means[i] ?? [], [.. seen.Select(value => value.Detach() * part.Share)]);
                foreach (var kept in gradients.Concat(means[i]))
                {
                    scope.Keep(kept);
                }
            }
        }

        return (gradients, [.. means.SelectMany(values => values)]);

        // Both are freed one by one: of all parameters together there may be more than of features.
        static Tensor[] Add(Tensor[] sums, Tensor[] more)
        {
            for (var i = 0; i < sums.Length; i++)
            {
                var sum = sums[i] + more[i];
                sums[i].Dispose();
                more[i].Dispose();
                more[i] = sum;
            }

            return more;
        }
    }

    private Tensor Generated(ImagePart part, Tensor? classes)
    {
        using var noGrad = Autograd.NoGrad();
        return Make(Styles(part, classes));
    }

    // w of each layer, [N, L, width]
    private Tensor Styles(ImagePart part, Tensor? classes)
    {
        using var scope = new TensorScope();
        var layers = _generator.Shape.Styles;
        var random = SeededRandom.For(_context.Seed, MixingStream + (ulong)_mixings++, (ulong)_steps);
        var first = OneStyle();
        if (random.NextDouble() >= _settings.Loss.StyleMixing)
        {
            return scope.Keep(first.Repeat(1, layers, 1));
        }

        var second = OneStyle();
        var crossing = 1 + random.Next(layers - 1);
        return scope.Keep(Tensor.Cat([first.Repeat(1, crossing, 1), second.Repeat(1, layers - crossing, 1)], 1));

        Tensor OneStyle() => _generator.Mapping
            .Forward(_draws.Latents(part.Size, _generator.Mapping.Width), classes is null ? null : part.Of(classes))
            .Unsqueeze(1); // [N, 1, width]
    }

    private Tensor Make(Tensor styles)
    {
        using var scope = new TensorScope(); // what is computed on the way lives on only where gradients need it
        var noises = _draws.Noises(styles.Size(0), _generator);
        using var precision = _context.Autocast();
        return scope.Keep(_generator.Forward(styles, noises));
    }

    // [N, 1], of the images as the discriminator sees them
    private Tensor Judge(Tensor images, ImagePart part, Tensor? classes)
    {
        using var scope = new TensorScope();
        var seen = _augmentation.Apply(images, _strength.Strength, _context.Random);
        using var precision = _context.Autocast();
        return scope.Keep(_discriminator.Forward(seen, classes is null ? null : part.Of(classes)));
    }

    private double AverageKimg
    {
        get
        {
            var (half, ramp) = (_settings.Optimizer.AverageKimg, _settings.Optimizer.AverageRamp);
            return ramp > 0 ? Math.Min(half, ramp * Images / 1000) : half;
        }
    }

    private static void Report(List<Measure> measures, IEnumerable<string> names, params Tensor[] values) =>
        measures.AddRange(names.Zip(values, (name, value) => new Measure(name, value)));
}

/// <summary>Some images of a step, which are computed together.</summary>
/// <param name="Start">The place of the first.</param>
/// <param name="Size">How many.</param>
/// <param name="Share">Which part they are of all.</param>
internal readonly record struct ImagePart(long Start, long Size, double Share)
{
    /// <summary>All images in parts of a size, the last perhaps smaller; 0 for one part.</summary>
    public static IEnumerable<ImagePart> Split(long count, long size)
    {
        var step = size == 0 ? count : size;
        for (var start = 0L; start < count; start += step)
        {
            var length = Math.Min(step, count - start);
            yield return new ImagePart(start, length, (double)length / count);
        }
    }

    /// <summary>The part's of a tensor [N, …].</summary>
    public Tensor Of(Tensor all) => Size == all.Size(0) ? all : all.Narrow(0, Start, Size);
}
