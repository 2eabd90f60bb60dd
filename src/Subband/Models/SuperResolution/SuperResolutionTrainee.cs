using System.Text.Json.Nodes;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>A network for super-resolution while it is trained on pairs of patches.</summary>
internal sealed class SuperResolutionTrainee : ITrainee
{
    private const string ImagesCounter = "images";
    private const ulong RevivalStream = 0x5245_5649;

    private readonly string _preset;
    private readonly SuperResolutionSettings _settings;
    private readonly TrainingContext _context;
    private readonly SuperResolutionNetwork _network;
    private readonly NetworkOptimizer _optimizer;
    private readonly ExponentialMovingAverage? _average;
    private readonly SuperResolutionNetwork? _averaged; // takes on the average's values when it is used
    private readonly ContentLoss? _content;
    private readonly Adversary? _adversary;
    private readonly Teacher? _teacher;
    private readonly ValidationPhotographs _validation;
    private bool _isStarted;

    public SuperResolutionTrainee(string preset, SuperResolutionSettings settings, TrainingContext context)
    {
        _preset = preset;
        _settings = settings;
        _context = context;
        using var initial = new Generator(context.Seed);
        _network = SuperResolutionNetworks.Make(settings, initial);
        _content = settings.Loss.ContentWeight > 0 ? ContentLoss.Load(settings.Loss, context.Device) : null;
        _adversary = settings.Loss.AdversarialWeight > 0
            ? new Adversary(settings.Adversary, SuperResolutionFamily.PatchSide(settings), initial, context)
            : null;
        _teacher = settings.Loss.Teacher.Length > 0 ? Teacher.Load(settings, context.Device) : null;
        _network = _context.Place(_network);
        _optimizer = new NetworkOptimizer(settings.Optimizer, _network, settings.Training.BatchSize);
        if (settings.Optimizer.AverageKimg > 0)
        {
            _average = new ExponentialMovingAverage(
                _network, ExponentialMovingAverage.DecayFor(settings.Optimizer.AverageKimg, settings.Training.BatchSize));
            using var unused = new Generator(0); // its values are overwritten before they are used
            _averaged = _context.Place(SuperResolutionNetworks.Make(settings, unused));
            _averaged.Evaluate();
        }

        _validation = new ValidationPhotographs(settings, context.Device);
    }

    /// <inheritdoc/>
    public long Images { get; private set; }

    /// <inheritdoc/>
    public BatchPlan Complete(BatchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return _teacher is null ? plan : plan with { Coarse = plan.Coarse! with { Wanted = _teacher.Picture } };
    }

    /// <inheritdoc/>
    public IReadOnlyList<Measure> Step(TrainingBatch batch)
    {
        Start();
        using var scope = new TensorScope();
        var given = Seen(batch.Coarse!);    // [N, C, h, w]
        var wanted = Seen(batch.Images);    // [N, C, H, W]
        List<Measure> measures = [];
        if (IsRevivalDue(batch.Images.Size(0)))
        {
            Report("revived", Tensor.Scalar(Revive(given)));
        }

        var computed = Compute(given);      // [N, C, H, W]
        if (_adversary is not null)
        {
            var (lossOfD, atReal, atGenerated) = _adversary.Step(wanted, computed.Detach(), _optimizer.Share(Images));
            Report("discriminator.loss", lossOfD);
            Report("discriminator.realAccuracy", atReal);
            Report("discriminator.generatedAccuracy", atGenerated);
        }

        var pixel = Difference(computed, wanted);
        var loss = pixel * _settings.Loss.PixelWeight;
        Report("pixel", pixel);
        if (_content is not null)
        {
            var content = _content.Between(computed, wanted);
            loss += content * _settings.Loss.ContentWeight;
            Report("content", content);
        }

        if (_adversary is not null)
        {
            var adversarial = _adversary.GeneratorLoss(computed);
            loss += adversarial * _settings.Loss.AdversarialWeight;
            Report("adversarial", adversarial);
        }

        if (_optimizer.Step(loss, Images) is { } length)
        {
            Report("gradient", Tensor.Scalar(length));
        }

        _average?.Update();
        Images += batch.Images.Size(0);
        foreach (var measure in measures)
        {
            scope.Keep(measure.Value);
        }

        return measures;

        void Report(string name, Tensor value) => measures.Add(new Measure(name, value.Detach()));
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> ModelTensors()
    {
        Start();
        return AveragedTensors.Prefixed(AveragedTensors.Generator, _network.NamedTensors())
            .Concat(_average is null ? [] : AveragedTensors.Prefixed(AveragedTensors.Average, _average.NamedTensors()))
            .Concat(_adversary is null ? [] : AveragedTensors.Prefixed(AveragedTensors.Discriminator, _adversary.NamedTensors()));
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() =>
        AveragedTensors.Prefixed(AveragedTensors.Generator, _optimizer.NamedState())
            .Concat(_adversary is null ? [] : AveragedTensors.Prefixed(AveragedTensors.Discriminator, _adversary.NamedState()));

    /// <inheritdoc/>
    public JsonObject Counters() => new() { [ImagesCounter] = Images };

    /// <inheritdoc/>
    public void Restore(TensorArchive model, TensorArchive optimizer, JsonObject counters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(counters);
        _network.CopyFrom(name => model.Find(AveragedTensors.Generator + name), model.Path);
        _average?.Load(name => model.Find(AveragedTensors.Average + name), model.Path);
        _optimizer.Load(optimizer, AveragedTensors.Generator);
        _adversary?.Load(model, optimizer, AveragedTensors.Discriminator);
        _isStarted = true;
        Images = counters[ImagesCounter]?.GetValue<long>()
            ?? throw new SubbandException($"The checkpoint of {model.Path} does not say how many images it was shown.");
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ModelMetadata() =>
        ModelFile.Metadata(SuperResolutionFamily.FamilyName, _preset, _settings, [], Counters());

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Validate() => Use(_validation.Measure);

    /// <inheritdoc/>
    public Rgb8Image SampleSheet() => Use(_validation.Sheet);

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _adversary?.Dispose();
        _content?.Dispose();
        _teacher?.Dispose();
        _average?.Dispose();
        _averaged?.Dispose();
        _network.Dispose();
        _validation.Dispose();
    }

    // A run that goes on has its weights, and needs no longer the model that it started from.
    private void Start()
    {
        if (!_isStarted && _settings.Optimizer.StartFrom.Length > 0)
        {
            StartingWeights.Copy(_settings.Optimizer.StartFrom, _network);
            var started = _network.NamedTensors().ToDictionary(entry => entry.Name, entry => entry.Tensor);
            _average?.Load(started.GetValueOrDefault, "the network itself");
        }

        _isStarted = true;
    }

    // Before the first step, and before the first one after as many images again.
    private bool IsRevivalDue(long batch) =>
        _settings.Optimizer.ReviveKimg * 1000 is > 0 and var every && Images % every < batch;

    private int Revive(Tensor given)
    {
        using var random = new Generator(SeededRandom.For(_context.Seed, RevivalStream, (ulong)Images).NextUInt64());
        var names = _network.NamedParameters().ToDictionary(entry => entry.Tensor, entry => entry.Name);
        var averages = _average?.NamedTensors().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        return DormantFilters.Revive(
            _network.RectifiedChain, given.Contiguous(MemoryFormat.ChannelsLast), random, parameter => averages?[names[parameter]]);
    }

    // In [0,1]; of networks that see the brightness alone, that.
    private Tensor Seen(Tensor images)
    {
        var unit = (images + 1) * 0.5; // [N, 3, H, W]
        return _network.Channels == 1 ? Ycbcr.Luma(unit) : unit;
    }

    private Tensor Compute(Tensor given)
    {
        using var scope = new TensorScope(); // what is computed on the way lives on only where gradients need it
        using var precision = _context.Autocast();
        return scope.Keep(_network.Forward(given).To(DType.Float32));
    }

    private Tensor Difference(Tensor computed, Tensor wanted)
    {
        var border = _settings.Loss.Border;
        if (border > 0)
        {
            (computed, wanted) = (Inner(computed, border), Inner(wanted, border));
        }

        return _settings.Loss.Pixel switch
        {
            PixelLoss.Absolute => Functional.MeanAbsoluteError(computed, wanted),
            PixelLoss.Squared => Functional.MeanSquaredError(computed, wanted),
            _ => (computed - wanted).Square().Sum() * (0.5 / computed.Size(0)),
        };
    }

    private static Tensor Inner(Tensor x, int border) =>
        x.Narrow(2, border, x.Size(2) - (2 * border)).Narrow(3, border, x.Size(3) - (2 * border));

    // As whoever uses the model will: with the average, and without what is random while training.
    private T Use<T>(Func<IUpscaler, T> use)
    {
        Start();
        var network = _network;
        if (_average is not null)
        {
            _average.CopyTo(_averaged!);
            network = _averaged!;
        }

        network.Evaluate();
        try
        {
            using var model = new SuperResolutionModel(_settings, network, _context.Device, owned: false);
            return use(model);
        }
        finally
        {
            _network.Train();
        }
    }
}
