using System.CommandLine;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Evaluation;
using Subband.Metrics;
using Subband.Models.Features;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband evaluate</c> of a model that makes images from nothing: Fréchet distance and Parzen windows.</summary>
internal sealed class GeneratorEvaluation(EvaluateArguments arguments)
{
    /// <summary>How many samples are made unless somebody says otherwise.</summary>
    public const long StandardSamples = 10_000;

    /// <summary>On how many test images the multi-scale figure is told unless somebody says otherwise.</summary>
    public const long StandardMultiScaleImages = 500;

    private const string Fd = "fd";
    private const string ParzenName = "parzen";

    /// <summary>The names of the measures.</summary>
    public static readonly string[] Names = [Fd, ParzenName];

    /// <summary>Does the work.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public int Run(Invocation run)
    {
        EvaluateArguments.Refuse(run, arguments.ForUpscalers, "is for models that enlarge; for one, give --scale too.");
        string[] metrics = Metrics(run);
        RefuseUnread(run, metrics);
        RequireFeatures(run, metrics);
        using LoadedModel model = ModelArguments.Open(run, run.Get(arguments.Model), run.Get(arguments.Device), run.Get(arguments.Threads));
        using SqueezeNetFeatures? features = metrics.Contains(Fd)
            ? SqueezeNetFeatures.Load(run.Get(arguments.Features), model.Device)
            : null;
        using IImageSource data = DataArguments.Open(run, run.Get(arguments.Data), "test");
        using IImageSource? validation = metrics.Contains(ParzenName) && run.IsGiven(arguments.Validation)
            ? DataArguments.Open(run, run.Get(arguments.Validation), "val")
            : null;
        FrechetScore? distance = features is null ? null : Measure(run, options =>
        {
            using FrechetReference reference = FrechetReference.Of(data, model.Plan, features, options);
            return reference.Distance(model.Generator, options);
        });
        ParzenReport? likelihood = !metrics.Contains(ParzenName) ? null : Measure(run, options => ParzenEvaluation.Run(
            model.Generator, data, validation, model.Plan, (int)(run.Get(arguments.MultiScaleImages) ?? StandardMultiScaleImages), options));
        EvaluationPage page = new(
            model.Name, model.Preset, data.Name, data.Refused.Count + (validation?.Refused.Count ?? 0), validation?.Name, (ulong)(run.Get(arguments.Seed) ?? CommonOptions.StandardSeed), distance, likelihood);
        if (run.Get(arguments.Json))
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
        Samples = (int)(run.Get(arguments.Count) ?? StandardSamples),
        Seed = (ulong)(run.Get(arguments.Seed) ?? CommonOptions.StandardSeed),
        DataThreads = Environment.ProcessorCount,
        Progress = progress => show(new WorkDone(
            progress.Activity, progress.Total == 1 ? 100 * progress.Done : progress.Done, progress.Total == 1 ? 100 : progress.Total,
            progress.Total == 1 ? "per cent" : "images")),
        Stop = run.Cancellation,
    }));

    private string[] Metrics(Invocation run) => run.IsGiven(arguments.Metrics)
        ? MetricNames.Parse(run.Get(arguments.Metrics), Names, name => PictureMeasureOptions.Names.Contains(name)
            ? $"The metric {name} is for models that enlarge; for one, give --scale too. Of others there are: {string.Join(", ", Names)}."
            : null)
        : Names;

    // Somebody who gives an option expects it to count.
    private void RefuseUnread(Invocation run, string[] metrics)
    {
        foreach ((string metric, Option option) in ((string, Option)[])
            [(Fd, arguments.Features), (ParzenName, arguments.Validation), (ParzenName, arguments.MultiScaleImages)])
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

        if (!run.IsGiven(arguments.Features))
        {
            throw new UsageException(
                "The metric fd needs the network that describes images: give --features FILE, the weights of a SqueezeNet 1.1 as "
                + ".safetensors or PyTorch file, such as torchvision's "
                + "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth. To do without, use --metrics parzen.");
        }

        if (!File.Exists(run.Get(arguments.Features)))
        {
            throw new SubbandException($"--features {run.Get(arguments.Features)} does not exist.");
        }
    }
}
