using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary><c>subband bench train PRESET</c>: images a second and peak memory of training, without loading and saving.</summary>
internal sealed partial class BenchTrainCommand : Verb
{
    private readonly Argument<string> _preset = new("PRESET") { Description = "What to train, see 'subband presets'" };
    private readonly Option<long?> _level = CommonOptions.WholeNumber(
        "--level", "Train this level only, 0 the finest (default: all)", 0, int.MaxValue);

    private readonly Option<long?> _batch = CommonOptions.WholeNumber("--batch", "Images in one step (default: the preset's)", 1, int.MaxValue);
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<PrecisionChoice> _precision = CommonOptions.Precision();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<double?> _seconds = CommonOptions.PositiveNumber("--seconds", "How long to measure (default: 30)");
    private readonly Option<long?> _steps = CommonOptions.WholeNumber("--steps", "Measure this many steps instead", 1, int.MaxValue);
    private readonly Option<long?> _warmUp = CommonOptions.WholeNumber("--warmup", "Steps before the clock starts (default: 3)", 0, int.MaxValue);
    private readonly Option<SettingOption[]> _set = CommonOptions.Set();
    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchTrainCommand()
        : base("train", "Time training steps on fixed random images")
    {
        Add(_preset);
        foreach (Option option in (Option[])
            [_level, _batch, _device, _precision, _threads, _seconds, _steps, _warmUp, _set, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        TrainingBenchmarkRequest standard = new() { Preset = run.Get(_preset) };
        TrainingBenchmarkRequest request = standard with
        {
            Level = (int?)run.Get(_level),
            Batch = (int?)run.Get(_batch),
            Device = run.Get(_device).Wanted(),
            Precision = run.Get(_precision).Wanted(),
            Threads = run.Get(_threads),
            Seconds = run.Get(_seconds) ?? standard.Seconds,
            Steps = (int?)run.Get(_steps),
            WarmUp = (int?)run.Get(_warmUp) ?? standard.WarmUp,
            Settings = [.. run.Get(_set).Select(setting => (setting.Name, setting.Value))],
        };
        ComputeNote.Tell(run, ComputeChoice.Device(request.Device));
        TrainingSpeed speed = ProgressDisplay.Run(run, show => TrainingBenchmark.Measure(
            request,
            (steps, seconds) => show(request.Steps is { } wanted
                ? new WorkDone("Training", steps, wanted, "steps")
                : new WorkDone("Training", Math.Min(seconds, request.Seconds), request.Seconds, "seconds")),
            run.Cancellation));
        if (run.Get(_json))
        {
            run.WriteJson(speed, SpeedJson.Default.TrainingSpeed);
        }
        else
        {
            run.Out.WriteLine(
                $"{speed.Preset}{(speed.Level is { } level ? $" level {level}" : "")}: {TrainingLines.Rate(speed.ImagesPerSecond)} images/s, "
                + $"peak {Texts.Bytes(speed.PeakMemoryBytes)} ({Texts.Count(speed.Steps, "step")} of {speed.Batch} in "
                + $"{Texts.Duration(speed.Seconds)}, {speed.Device}, {Texts.Count(speed.Threads, "thread")}, {speed.Precision})");
        }

        return ExitCodes.Done;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(TrainingSpeed))]
    private sealed partial class SpeedJson : JsonSerializerContext;
}
