using System.Text.Json.Nodes;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.TrainingHost;

/// <summary>A denoising autoencoder of two convolutions, told the class by one plane for each.</summary>
internal sealed class TinyTrainee : ITrainee
{
    private const int Classes = 3;

    private readonly TinySettings _settings;
    private readonly TrainingContext _context;
    private readonly Sequential _network;
    private readonly Adam _optimizer;
    private readonly ExponentialMovingAverage _average;
    private readonly Tensor _statistics;
    private bool _hasStatistics;
    private long _steps;

    public TinyTrainee(TinySettings settings, TrainingContext context)
    {
        (_settings, _context) = (settings, context);
        using Generator initial = new(context.Seed);
        _network = new Sequential(
            new Conv2d(3 + Classes, settings.Channels, 3, initial, padding: 1),
            new BatchNorm2d(settings.Channels),
            new LeakyRelu(0.2),
            new Dropout(settings.Dropout, context.Random),
            new Conv2d(settings.Channels, 3, 3, initial, padding: 1));
        _network.To(context.Device);
        _optimizer = new Adam(_network.NamedParameters(), settings.Rate);
        _average = new ExponentialMovingAverage(_network, 0.9);
        _statistics = TensorScope.Release(Tensor.Zeros([2, 3, TinySource.Side, TinySource.Side], DType.Float32, context.Device));
    }

    public long Images => _steps * _settings.Training.BatchSize;

    public IReadOnlyList<Measure> Step(TrainingBatch batch)
    {
        Measure();
        using TensorScope scope = new();
        Tensor mean = _statistics.Select(0, 0);
        Tensor deviation = _statistics.Select(0, 1);
        Tensor images = (batch.Images - mean) / deviation; // [N, 3, H, W]
        long count = images.Size(0);
        Tensor classes = batch.Labels!.OneHot(Classes).To(DType.Float32)
            .Reshape(count, Classes, 1, 1).Expand(count, Classes, TinySource.Side, TinySource.Side);
        Tensor noise = images.ZerosLike().NormalInPlace(0, 0.5, _context.Random);
        Tensor output;
        using (Autocast autocast = new(_context.Device.Type, DType.BFloat16, _context.Precision == Precision.Bf16))
        {
            output = _network.Forward(Tensor.Cat([images + noise, classes], 1));
        }

        Tensor loss = Functional.MeanSquaredError(output.To(DType.Float32), images);
        _steps++;
        _optimizer.Step(Autograd.Grad(loss, _optimizer.Parameters));
        _average.Update();
        if (_steps == _settings.BreakAtStep)
        {
            _ = _optimizer.NamedState().Last().Tensor.FillInPlace(double.PositiveInfinity);
        }

        using GradMode noGrad = Autograd.NoGrad();
        Tensor told = loss.Detach();
        if (_steps == _settings.NanAtStep)
        {
            _ = _network.Parameters()[^1].FillInPlace(double.NaN);
            told *= double.NaN;
        }

        return [new Measure("tiny.loss", scope.Keep(told)), new Measure("tiny.output", scope.Keep(output.Detach().Abs().Mean()))];
    }

    public IEnumerable<(string Name, Tensor Tensor)> ModelTensors()
    {
        Measure();
        return
        [
            ("statistics", _statistics),
            .. _network.NamedTensors(),
            .. _average.NamedTensors().Select(entry => ("average." + entry.Name, entry.Tensor)),
        ];
    }

    public IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() => _optimizer.NamedState();

    public JsonObject Counters() => new() { ["steps"] = _steps };

    public void Restore(TensorArchive model, TensorArchive optimizer, JsonObject counters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(counters);
        _network.CopyFrom(model.Find, model.Path);
        _average.Load(name => model.Find("average." + name), model.Path);
        _ = _statistics.CopyFrom(model["statistics"]);
        _hasStatistics = true;
        _optimizer.Load(optimizer.Find, optimizer.Path);
        _steps = counters["steps"]!.GetValue<long>();
    }

    public IReadOnlyDictionary<string, string> ModelMetadata() => new Dictionary<string, string> { ["model"] = "tiny" };

    public Rgb8Image SampleSheet()
    {
        using Generator own = new(_context.Seed, _context.Device);
        using TensorScope scope = new();
        using GradMode noGrad = Autograd.NoGrad();
        Tensor noise = Tensor.Zeros([1, 3 + Classes, TinySource.Side, TinySource.Side], DType.Float32, _context.Device)
            .NormalInPlace(0, 1, _settings.DisturbingSheet ? _context.Random : own);
        _network.Evaluate();
        float[] values = _network.Forward(noise).To(Device.Cpu).Permute(0, 2, 3, 1).Contiguous().ToArray<float>();
        _network.Train();
        return new Rgb8Image(
            TinySource.Side, TinySource.Side, Array.ConvertAll(values, v => (byte)Math.Clamp((v * 64) + 128, 0, 255)));
    }

    public void Dispose()
    {
        _network.Dispose();
        _optimizer.Dispose();
        _average.Dispose();
        _statistics.Dispose();
    }

    private void Measure()
    {
        if (!_hasStatistics)
        {
            using TensorScope scope = new();
            (Tensor mean, Tensor deviation) = _context.Statistics();
            _ = _statistics.CopyFrom(Tensor.Stack([mean, deviation]));
            _hasStatistics = true;
        }
    }
}
