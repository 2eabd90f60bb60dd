using System.CommandLine;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Evaluation;
using Subband.Metrics;
using Subband.Models.Features;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband evaluate MODEL --data SOURCE</c>: how near a model's images are to true ones, each number with its protocol.
/// </summary>
internal sealed class EvaluateCommand : Verb
{
    private const string Fd = "fd";
    private const string ParzenName = "parzen";
    private const long StandardSamples = 10_000;
    private const long StandardMultiScaleImages = 500;

    private static readonly string[] Names = [Fd, ParzenName];

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<string> _metrics = new("--metrics")
    {
        Description = $"What to measure: {string.Join(',', Names)} (default: both)",
        HelpName = "NAMES",
    };

    private readonly Option<string> _features = new("--features")
    {
        Description = "fd: the weights of a SqueezeNet 1.1, as .safetensors or PyTorch file",
        HelpName = "FILE",
    };

    private readonly Option<string> _validation = new("--validation")
    {
        Description = "parzen: the images on which the kernels' width is chosen (default: every tenth of --data, then not tested on)",
        HelpName = "SOURCE",
    };

    private readonly Option<long?> _multiScaleImages = CommonOptions.WholeNumber(
        "--multi-scale-images",
        $"parzen: on how many test images the multi-scale figure is told; 0 leaves it out (default: {StandardMultiScaleImages})",
        0,
        ParzenEvaluation.MostImages);

    private readonly Option<long?> _count = CommonOptions.WholeNumber(
        "--count", $"How many samples the model makes (default: {StandardSamples})", 2, 1_000_000);

    private readonly Option<long?> _seed = CommonOptions.Seed();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public EvaluateCommand()
        : base("evaluate", "Measure how near a trained model's images are to true ones")
    {
        Add(_model);
        foreach (Option option in (Option[])
            [_data, _metrics, _features, _validation, _multiScaleImages, _count, _seed, _device, _threads, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        string[] metrics = Metrics(run);
        RefuseUnread(run, metrics);
        RequireFeatures(run, metrics);
        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), run.Get(_device), run.Get(_threads));
        using SqueezeNetFeatures? features = metrics.Contains(Fd)
            ? SqueezeNetFeatures.Load(run.Get(_features), model.Device)
            : null;
        using IImageSource data = DataArguments.Open(run, run.Get(_data), "test");
        using IImageSource? validation = metrics.Contains(ParzenName) && run.IsGiven(_validation)
            ? DataArguments.Open(run, run.Get(_validation), "val")
            : null;
        FrechetScore? distance = features is null ? null : Measure(run, options => FrechetEvaluation.Run(
            model.Generator, data, model.Plan, features, options));
        ParzenReport? likelihood = !metrics.Contains(ParzenName) ? null : Measure(run, options => ParzenEvaluation.Run(
            model.Generator, data, validation, model.Plan, (int)(run.Get(_multiScaleImages) ?? StandardMultiScaleImages), options));
        EvaluationPage page = new(
            model.Name, model.Preset, data.Name, data.Refused.Count + (validation?.Refused.Count ?? 0), validation?.Name, (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed), distance, likelihood);
        if (run.Get(_json))
        {
            run.WriteJson(page.ToResult(), EvaluationJson.Default.EvaluationResult);
        }
        else
        {
            page.Write(run.Out);
        }

        return ExitCodes.Done;
    }

    private T Measure<T>(Invocation run, Func<EvaluationOptions, T> measure) => ProgressDisplay.Run(run, show => measure(new EvaluationOptions
    {
        Samples = (int)(run.Get(_count) ?? StandardSamples),
        Seed = (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed),
        DataThreads = Environment.ProcessorCount,
        Progress = progress => show(new WorkDone(
            progress.Activity, progress.Total == 1 ? 100 * progress.Done : progress.Done, progress.Total == 1 ? 100 : progress.Total,
            progress.Total == 1 ? "per cent" : "images")),
        Stop = run.Cancellation,
    }));

    private string[] Metrics(Invocation run)
    {
        if (!run.IsGiven(_metrics))
        {
            return Names;
        }

        string[] metrics = [.. run.Get(_metrics).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        string? unknown = metrics.FirstOrDefault(name => !Names.Contains(name));
        return (unknown, metrics) switch
        {
            ({ } name, _) => throw UsageException.UnknownName("metric", name, Names),
            (_, []) => throw new UsageException($"--metrics names nothing to measure; there are: {string.Join(", ", Names)}."),
            _ => metrics,
        };
    }

    // Somebody who gives an option expects it to count.
    private void RefuseUnread(Invocation run, string[] metrics)
    {
        foreach ((string metric, Option option) in ((string, Option)[])
            [(Fd, _features), (ParzenName, _validation), (ParzenName, _multiScaleImages)])
        {
            if (!metrics.Contains(metric) && run.IsGiven(option))
            {
                throw new UsageException($"{option.Name} is for the metric {metric}, which --metrics does not name; leave out the one or add the other.");
            }
        }
    }

    private void RequireFeatures(Invocation run, string[] metrics)
    {
        if (!metrics.Contains(Fd))
        {
            return;
        }

        if (!run.IsGiven(_features))
        {
            throw new UsageException(
                "The metric fd needs the network that describes images: give --features FILE, the weights of a SqueezeNet 1.1 as "
                + ".safetensors or PyTorch file, such as torchvision's "
                + "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth. To do without, use --metrics parzen.");
        }

        if (!File.Exists(run.Get(_features)))
        {
            throw new SubbandException($"--features {run.Get(_features)} does not exist.");
        }
    }
}
