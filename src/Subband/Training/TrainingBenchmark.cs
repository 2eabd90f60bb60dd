using System.Diagnostics;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>What training is to be timed.</summary>
public sealed record TrainingBenchmarkRequest
{
    /// <summary>The preset.</summary>
    public required string Preset { get; init; }

    /// <summary>The one level to train, in models of several levels; null for all of them.</summary>
    public int? Level { get; init; }

    /// <summary>Images in one step; the preset's number unless set.</summary>
    public int? Batch { get; init; }

    /// <summary>Where to compute; a CUDA device where there is one unless set.</summary>
    public DeviceType? Device { get; init; }

    /// <summary>In which precision to compute; bf16 where the hardware is faster in it unless set.</summary>
    public Precision? Precision { get; init; }

    /// <summary>How many threads compute; one a core unless set.</summary>
    public int? Threads { get; init; }

    /// <summary>Further settings by their dotted names.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>Steps that come before and are not timed.</summary>
    public int WarmUp { get; init; } = 3;

    /// <summary>How many steps to time; null for as many as begin within <see cref="Seconds"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>For how long to begin steps.</summary>
    public double Seconds { get; init; } = 30;
}

/// <summary>How fast a training is.</summary>
/// <param name="Preset">The preset.</param>
/// <param name="Level">The level that was trained; null for all.</param>
/// <param name="Batch">Images in one step.</param>
/// <param name="Device">Where it was computed.</param>
/// <param name="Precision">In which precision, <c>fp32</c> or <c>bf16</c>.</param>
/// <param name="Threads">On how many threads.</param>
/// <param name="Subband">The version of Subband.</param>
/// <param name="Torch">The version of libtorch.</param>
/// <param name="Steps">Steps that were timed.</param>
/// <param name="Seconds">What they took.</param>
/// <param name="ImagesPerSecond">Batch · steps / seconds.</param>
/// <param name="PeakMemoryBytes">The most main memory that the process has had at once (its peak resident set).</param>
public sealed record TrainingSpeed(
    string Preset,
    int? Level,
    int Batch,
    string Device,
    string Precision,
    int Threads,
    string Subband,
    string Torch,
    int Steps,
    double Seconds,
    double ImagesPerSecond,
    long PeakMemoryBytes);

/// <summary>
/// Times the steps of a training on one fixed batch of random images, without loading, reports or saving. For a LAPGAN, a
/// step is one of each discriminator and one of each generator that is trained.
/// </summary>
public static class TrainingBenchmark
{
    private const int Classes = 10;
    private const ulong Seed = 1;

    /// <summary>Trains for a while and forgets what was learnt.</summary>
    /// <param name="request">What to time.</param>
    /// <param name="tell">Is told, after each timed step, how many there were and what they took; null for nobody.</param>
    /// <param name="stop">Stops after the step.</param>
    /// <exception cref="UsageException">There is no such preset, level or setting.</exception>
    /// <exception cref="SubbandException">The device is missing or its memory too small.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static TrainingSpeed Measure(
        TrainingBenchmarkRequest request, Action<int, double>? tell = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IModelFamily family, Preset preset) = ModelRegistry.Preset(request.Preset);
        string[] classes = [.. Enumerable.Range(0, Classes).Select(index => $"class {index}")];
        ModelSettings settings = Settings(request, family, preset);
        family.Validate(settings, classes);
        Device device = ComputeChoice.Device(request.Device);
        Precision precision = request.Precision ?? ComputeChoice.Precision(device);
        int threads = Engine.Threads = ComputeChoice.Threads(request.Threads);

        using Generator random = new(Seed, device);
        using TensorScope scope = new();
        TrainingBatch batch = RandomBatch(family.Plan(settings, Seed), device, random);
        TrainingContext context = new(device, precision, Seed, random, classes, () => StandardStatistics(batch.Images));
        using ITrainee trainee = family.NewTrainee(preset.Name, settings, context);
        for (int i = 0; i < request.WarmUp; i++)
        {
            Step();
        }

        Engine.Synchronise(device);
        Stopwatch watch = Stopwatch.StartNew();
        int steps = 0;
        while (request.Steps is { } wanted ? steps < wanted : watch.Elapsed.TotalSeconds < request.Seconds)
        {
            Step();
            tell?.Invoke(++steps, watch.Elapsed.TotalSeconds);
        }

        Engine.Synchronise(device);
        double seconds = watch.Elapsed.TotalSeconds;
        using Process process = Process.GetCurrentProcess();
        return new TrainingSpeed(
            preset.Name,
            request.Level,
            settings.Training.BatchSize,
            device.ToString(),
            RunConfig.PrecisionName(precision),
            threads,
            ProductVersion.Text,
            Engine.TorchVersion,
            steps,
            seconds,
            steps * (double)settings.Training.BatchSize / seconds,
            process.PeakWorkingSet64);

        void Step()
        {
            stop.ThrowIfCancellationRequested();
            using TensorScope inner = new();
            _ = trainee.Step(batch);
        }
    }

    private static ModelSettings Settings(TrainingBenchmarkRequest request, IModelFamily family, Preset preset)
    {
        TrainingRequest training = new() { Out = "", Level = request.Level, Settings = request.Settings };
        ModelSettings settings = training.AllSettings(family, preset.Name)
            .Aggregate(preset.Settings, (changed, setting) => SettingsTree.Apply(changed, setting.Name, setting.Value));
        return request.Batch is { } batch
            ? SettingsTree.Apply(settings, "training.batchSize", batch.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : settings;
    }

    private static TrainingBatch RandomBatch(Data.BatchPlan plan, Device device, Generator random)
    {
        plan.Validate();
        Tensor images = Tensor.Empty([plan.BatchSize, plan.Channels, plan.Height, plan.Width], device: device).UniformInPlace(-1, 1, random); // [N, C, H, W]
        long[] labels = [.. Enumerable.Range(0, plan.BatchSize).Select(index => (long)(index % Classes))];
        Tensor? coarse = plan.Coarse is { } small // [N, 3, h, w]
            ? Tensor.Empty([plan.BatchSize, 3, small.Side(plan.Height), small.Side(plan.Width)], device: device).UniformInPlace(-1, 1, random)
            : null;
        return new TrainingBatch(images, Tensor.From<long>(labels, plan.BatchSize).To(device), coarse);
    }

    // What uniform numbers have, so that standardised ones are not out of the ordinary.
    private static (Tensor Mean, Tensor Deviation) StandardStatistics(Tensor images)
    {
        Tensor mean = Tensor.Zeros([images.Size(1), images.Size(2), images.Size(3)], DType.Float32, images.Device);
        return (mean, mean + (1 / Math.Sqrt(3)));
    }
}
