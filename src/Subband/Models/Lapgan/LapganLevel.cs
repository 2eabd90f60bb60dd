using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models.Lapgan;

/// <summary>
/// One level while it is trained: G_k and D_k with their optimisers. It knows nothing of the other levels, as in the
/// paper, where every level is trained on its own.
/// </summary>
internal sealed class LapganLevel : IDisposable
{
    private readonly LapganSettings _settings;
    private readonly TrainingContext _context;
    private readonly LevelDiscriminator _discriminator;
    private readonly Optimizer _generatorOptimizer;
    private readonly Optimizer _discriminatorOptimizer;
    private readonly ExponentialMovingAverage? _average;
    private readonly LevelGenerator? _sampled; // takes on the average's values when sheets are made

    public LapganLevel(LapganSettings settings, int index, int classes, Generator initial, TrainingContext context)
    {
        _settings = settings;
        _context = context;
        Index = index;
        Generator = _context.Place(LapganNetworks.Generator(settings, index, classes, initial, context.Random));
        _discriminator = _context.Place(LapganNetworks.Discriminator(settings, index, classes, initial, context.Random));
        _generatorOptimizer = NewOptimizer(Generator, settings.Optimizer.GeneratorRate);
        _discriminatorOptimizer = NewOptimizer(_discriminator, settings.Optimizer.DiscriminatorRate);
        var averageKimg = settings.Optimizer.AverageKimg;
        _average = averageKimg > 0
            ? new ExponentialMovingAverage(
                Generator, ExponentialMovingAverage.DecayFor(averageKimg, settings.Training.BatchSize))
            : null;
        using var unused = new Generator(0); // its values are overwritten before they are used
        _sampled = _average is null
            ? null
            : _context.Place(LapganNetworks.Generator(settings, index, classes, unused, context.Random));
    }

    /// <summary>k, 0 the finest.</summary>
    public int Index { get; }

    /// <summary>G_k as it is trained.</summary>
    public LevelGenerator Generator { get; }

    /// <summary>Images this level has been shown.</summary>
    public long Images { get; private set; }

    /// <summary>One step of D_k and one of G_k.</summary>
    /// <param name="image">I_k [N, 3, F, F].</param>
    /// <param name="lowPass">l_k [N, 3, F, F]; null at the coarsest level.</param>
    /// <param name="classes">One-hot [N, classes], or null.</param>
    /// <param name="measures">Where the losses are reported.</param>
    public void Step(Tensor image, Tensor? lowPass, Tensor? classes, ICollection<Measure> measures)
    {
        using var scope = new TensorScope();
        FollowSchedules();
        var condition = lowPass is null ? null : Disturb(lowPass);

        // One generation serves both steps, as it does in most later GANs: D is shown its values, G is corrected through it.
        var generated = Generate(condition, classes, image.Size(0));
        var (discriminatorLoss, realLogits, generatedLogits) =
            StepDiscriminator(image, generated.Detach(), condition, classes);
        var generatorLoss = StepGenerator(generated, condition, classes);
        _average?.Update();
        Images += image.Size(0);

        Report(scope, measures, "discriminator", discriminatorLoss);
        Report(scope, measures, "generator", generatorLoss);
        Report(scope, measures, "realAccuracy", realLogits.IsGreater(0).To(DType.Float32).Mean());
        Report(scope, measures, "generatedAccuracy", generatedLogits.IsAtMost(0).To(DType.Float32).Mean());
    }

    /// <summary>The generator to sample from: G_k itself, or while there is an average, a borrowed copy that holds it.</summary>
    public LevelGenerator SampledGenerator()
    {
        if (_average is null)
        {
            return Generator;
        }

        _average.CopyTo(_sampled!);
        return _sampled!;
    }

    public IEnumerable<(string Name, Tensor Tensor)> ModelTensors()
    {
        var prefix = $"levels.{Index}";
        return AveragedTensors.Prefixed($"{prefix}.generator.", Generator.NamedTensors())
            .Concat(AveragedTensors.Prefixed($"{prefix}.discriminator.", _discriminator.NamedTensors()))
            .Concat(_average is null ? [] : AveragedTensors.Prefixed($"{prefix}.average.", _average.NamedTensors()));
    }

    public IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() =>
        AveragedTensors.Prefixed($"levels.{Index}.generator.", _generatorOptimizer.NamedState())
            .Concat(AveragedTensors.Prefixed($"levels.{Index}.discriminator.", _discriminatorOptimizer.NamedState()));

    public void Restore(TensorArchive model, TensorArchive optimizer, long images)
    {
        var prefix = $"levels.{Index}";
        Generator.CopyFrom(name => model.Find($"{prefix}.generator.{name}"), model.Path);
        _discriminator.CopyFrom(name => model.Find($"{prefix}.discriminator.{name}"), model.Path);
        _average?.Load(name => model.Find($"{prefix}.average.{name}"), model.Path);
        _generatorOptimizer.Load(name => optimizer.Find($"{prefix}.generator.{name}"), optimizer.Path);
        _discriminatorOptimizer.Load(name => optimizer.Find($"{prefix}.discriminator.{name}"), optimizer.Path);
        Images = images;
    }

    public void Dispose()
    {
        _generatorOptimizer.Dispose();
        _discriminatorOptimizer.Dispose();
        _average?.Dispose();
        _sampled?.Dispose();
        Generator.Dispose();
        _discriminator.Dispose();
    }

    private (Tensor Loss, Tensor Real, Tensor Generated) StepDiscriminator(
        Tensor image, Tensor generated, Tensor? condition, Tensor? classes)
    {
        var loss = _settings.Loss;
        var n = image.Size(0);
        // The authors' code shows half a batch of real images, and half a batch generated from other images' low-pass.
        var count = loss.HalfBatches ? n / 2 : n;
        var real = Part(image, condition, classes, 0, count);
        var fake = Part(generated, condition, classes, n - count, count);

        var logits = Judge(
            Tensor.Cat([real.Image, fake.Image]), Join(real.Condition, fake.Condition), Join(real.Classes, fake.Classes));
        var (atReal, atGenerated) = (logits.Narrow(0, 0, count), logits.Narrow(0, count, count));
        var value = AdversarialLoss.Discriminator(loss.Kind, atReal, atGenerated);
        var total = value;
        if (loss.R1 > 0 && _discriminatorOptimizer.Steps % loss.R1Interval == 0)
        {
            var recorded = real.Image.Detach();
            recorded.RequiresGrad = true;
            var penalty = AdversarialLoss.R1(Judge(recorded, real.Condition, real.Classes), recorded, loss.R1);
            total = value + penalty * loss.R1Interval;
        }

        _discriminatorOptimizer.Step(Autograd.Grad(total, _discriminatorOptimizer.Parameters));
        return (value, atReal, atGenerated);
    }

    private Tensor StepGenerator(Tensor generated, Tensor? condition, Tensor? classes)
    {
        var value = AdversarialLoss.Generator(_settings.Loss.Kind, Judge(generated, condition, classes));
        _generatorOptimizer.Step(Autograd.Grad(value, _generatorOptimizer.Parameters));
        return value;
    }

    // l_k + G_k(z_k, l_k): the generated band in its place.
    private Tensor Generate(Tensor? condition, Tensor? classes, long count)
    {
        using var scope = new TensorScope(); // what is computed on the way lives on only where gradients need it
        var noise = Generator.Noise(count, _context.Random);
        using var precision = _context.Autocast();
        var band = Generator.Forward(noise, condition, classes).To(DType.Float32);
        return scope.Keep(condition is null ? band : condition + band);
    }

    private Tensor Judge(Tensor image, Tensor? condition, Tensor? classes)
    {
        using var scope = new TensorScope();
        if (_settings.Loss.Augmentation != AugmentationPolicy.None)
        {
            // Image and low-pass image are changed alike, or their difference would tell nothing.
            var together = condition is null ? image : Tensor.Cat([image, condition], 1);
            together = DifferentiableAugmentation.Apply(_settings.Loss.Augmentation, together, _context.Random);
            image = together.Narrow(1, 0, 3);
            condition = condition is null ? null : together.Narrow(1, 3, 3);
        }

        using var precision = _context.Autocast();
        return scope.Keep(_discriminator.Forward(image, condition, classes).To(DType.Float32));
    }

    private Tensor Disturb(Tensor lowPass)
    {
        var most = _settings.Band.ConditionNoise;
        if (most == 0)
        {
            return lowPass;
        }

        var n = lowPass.Size(0);
        var deviation = Tensor.Empty([n, 1, 1, 1], device: lowPass.Device).UniformInPlace(0, most, _context.Random);
        return lowPass + lowPass.EmptyLike().NormalInPlace(0, 1, _context.Random) * deviation;
    }

    private void FollowSchedules()
    {
        var optimizer = _settings.Optimizer;
        var epoch = Images / optimizer.EpochImages;
        var decay = Math.Pow(1 + optimizer.Decay, -epoch);
        _generatorOptimizer.LearningRate = optimizer.GeneratorRate * decay;
        _discriminatorOptimizer.LearningRate = optimizer.DiscriminatorRate * decay;
        var momentum = Math.Min(optimizer.MomentumCap, optimizer.Momentum + (optimizer.MomentumStep * epoch));
        foreach (var sgd in new[] { _generatorOptimizer, _discriminatorOptimizer }.OfType<Sgd>())
        {
            // Torch7 damps by the momentum: the step is not amplified by 1 / (1 − momentum).
            (sgd.Momentum, sgd.Dampening) = (momentum, momentum);
        }
    }

    private Optimizer NewOptimizer(Module network, double rate) => _settings.Optimizer.Kind switch
    {
        OptimizerKind.Adam => new Adam(
            network.NamedParameters(), rate, _settings.Optimizer.Beta1, _settings.Optimizer.Beta2),
        _ => new Sgd(network.NamedParameters(), rate),
    };

    private void Report(TensorScope scope, ICollection<Measure> measures, string name, Tensor value) =>
        measures.Add(new Measure($"level{Index}.{name}", scope.Keep(value.Detach())));

    private static (Tensor Image, Tensor? Condition, Tensor? Classes) Part(
        Tensor image, Tensor? condition, Tensor? classes, long start, long length) =>
        length == image.Size(0)
            ? (image, condition, classes)
            : (image.Narrow(0, start, length), condition?.Narrow(0, start, length), classes?.Narrow(0, start, length));

    private static Tensor? Join(Tensor? first, Tensor? second) =>
        first is null || second is null ? null : Tensor.Cat([first, second]);
}
