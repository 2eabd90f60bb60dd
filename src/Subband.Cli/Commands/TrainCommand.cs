using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary><c>subband train PRESET --data SOURCE --out RUN</c>: trains a model, or goes on with a run.</summary>
internal sealed class TrainCommand : Verb
{
    private readonly Argument<string?> _preset = new("PRESET")
    {
        Description = "What to train, see 'subband presets'; with --resume it may be left out",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _data = CommonOptions.Data(required: false)!;
    private readonly Option<string> _out = CommonOptions.Out("The folder of the run: configuration, metrics, sample sheets, checkpoints", "RUN");
    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on with the run in that folder: what is given here holds, all else comes from the run",
    };

    private readonly Option<double?> _kimg = CommonOptions.PositiveNumber("--kimg", "Stop after so many thousands of images (training.kimg)");
    private readonly Option<long?> _level = CommonOptions.WholeNumber(
        "--level", "Train this level only, 0 the finest (trainLevels)", 0, int.MaxValue);

    private readonly Option<long?> _scale = CommonOptions.WholeNumber(
        "--scale", "Super-resolution: by how much to enlarge (network.scales)", 2, 16);

    private readonly Option<string> _validation = CommonOptions.Path(
        "--validation", "Images on which the model is measured meanwhile (validation.data)", "SOURCE");

    private readonly Option<long?> _seed = CommonOptions.Seed("Seed of every random choice");
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<PrecisionChoice> _precision = CommonOptions.Precision();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<SettingOption[]> _set = CommonOptions.Set();
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Check everything, print the complete configuration as JSON and stop; nothing is written",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print what happens as JSON, one object a line",
    };

    public TrainCommand()
        : base("train", "Train a model, or go on with a run")
    {
        Add(_preset);
        foreach (Option option in new Option[]
        {
            _data, _out, _resume, _kimg, _level, _scale, _validation, _seed, _device, _precision, _threads, _set, _dryRun, _json,
        })
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        TrainingRequest request = Request(run);
        using TrainingJob job = TrainingJob.Prepare(request, spec => DataArguments.Open(run, spec, "train"));
        bool json = run.Get(_json);
        if (!json)
        {
            Introduce(run.Messages, job, request);
        }

        if (run.Get(_dryRun))
        {
            run.Out.Write(job.Config.ToJson());
            return ExitCodes.Done;
        }

        ComputeNote.Tell(run, job.Config.Device);
        TrainingWatch watch = TrainingView.Run(run, job, json, run.Cancellation);
        if (!json)
        {
            string refused = job.Source.Refused.Count is var count and not 0 ? $"; {Texts.Count(count, "file")} refused" : "";
            run.Out.WriteLine(
                $"{job.Path}: {Texts.Kimg(watch.Images)} kimg in {Texts.Duration(watch.Seconds)} of training, saved in {watch.Checkpoint}{refused}");
        }

        return ExitCodes.Done;
    }

    private TrainingRequest Request(Invocation run) => new()
    {
        Out = run.Get(_out),
        Resume = run.Get(_resume),
        Preset = run.Get(_preset),
        Data = run.Get(_data),
        Kimg = run.Get(_kimg),
        Level = (int?)run.Get(_level),
        Scale = (int?)run.Get(_scale),
        Validation = run.Get(_validation),
        Seed = (ulong?)run.Get(_seed),
        Device = run.Get(_device).Wanted(),
        Precision = run.Get(_precision).Wanted(),
        Threads = run.Get(_threads),
        Settings = [.. run.Get(_set).Select(setting => (setting.Name, setting.Value))],
    };

    /// <summary>Says what is going to be trained, so that a wrong start is seen at once.</summary>
    private static void Introduce(TextWriter messages, TrainingJob job, TrainingRequest request)
    {
        RunConfig config = job.Config;
        string precision = config.Precision == Precision.Bf16 ? "bf16" : "fp32";
        string reason = job.Resumed is not null || request.Precision is not null ? ""
            : ComputeChoice.WhyNotBf16(config.Device) is { } against ? $", as {against}"
            : ", which the hardware is faster in";
        string images = job.Source.Count is { } number ? Texts.Count(number, "image") : "endless";
        string classes = config.Data.Classes.Count switch
        {
            0 => "",
            1 => ", 1 class",
            int count => $", {count} classes",
        };
        TextTable table = new(2);
        table.Add("preset", string.Create(CultureInfo.InvariantCulture, $"{config.Preset}, seed {config.Seed}"));
        table.Add("data", $"{config.Data.Source}: {images}{classes}");
        table.Add("compute", $"{config.Device}, {Texts.Count(config.Threads, "thread")}, {precision}{reason}");
        table.Add("run", $"{job.Path}, up to {Texts.Kimg(config.Settings.Training.Kimg * 1000)} kimg");
        foreach (ResumeLine line in job.Resumed?.Lines ?? [])
        {
            table.Add("resume", $"{line.Name} {line.Value}".TrimEnd() + " " + line.Origin);
        }

        table.Write(messages);
    }
}
