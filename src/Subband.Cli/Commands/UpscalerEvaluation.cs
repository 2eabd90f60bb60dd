using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Metrics;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary><c>subband evaluate</c> of what enlarges photographs: PSNR, SSIM and LPIPS of what it makes of shrunk ones.</summary>
internal sealed class UpscalerEvaluation(EvaluateArguments arguments)
{
    /// <summary>Does the work.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public int Run(Invocation run)
    {
        EvaluateArguments.Refuse(run, arguments.ForGenerators, "is for models that make images from nothing, and this is about enlarging; leave it out.");
        PictureMeasureKinds kinds = PictureMeasureOptions.Kinds(
            run, arguments.Metrics, arguments.Features, arguments.LpipsWeights, name => GeneratorEvaluation.Names.Contains(name)
                ? $"The metric {name} is for models that make images from nothing; of one that enlarges there are: {string.Join(", ", PictureMeasureOptions.Names)}."
                : null);
        int scale = (int)(run.Get(arguments.Scale) ?? throw new UsageException(
            $"{run.Get(arguments.Model)} enlarges: say by how much with --scale, such as --scale 2."));
        UpscaleEvaluation evaluation = new(run.Get(arguments.Data), scale);
        bool ensemble = run.Get(arguments.SelfEnsemble);
        using UpscalingModel model = ModelArguments.OpenUpscaler(
            run, run.Get(arguments.Model), run.Get(arguments.Device), run.Get(arguments.Precision), run.Get(arguments.Threads), ensemble);
        using Lpips? lpips = PictureMeasureOptions.LoadLpips(
            run, kinds, arguments.Features, arguments.LpipsWeights, arguments.Device, arguments.Threads);
        PictureMeasures measures = new(kinds, crop: scale, lpips);
        PictureReport report = ProgressDisplay.Run(run, show => evaluation.Run(
            model, measures, progress => show(WorkDone.Of(progress, "pictures")), run.Cancellation));
        PicturePage.SayFailures(run, report);
        if (run.Get(arguments.Json))
        {
            PictureSetResult result = PictureSetResult.Of(report, run.Get(arguments.Data), measures.Crop) with
            {
                Model = model.Name,
                Preset = model.Preset,
                Scale = scale,
                Precision = model.PrecisionName,
                SelfEnsemble = ensemble,
            };
            run.WriteJson(result, PictureJson.Default.PictureSetResult);
        }
        else
        {
            run.Out.WriteLine($"{model.Name}{(model.Preset is null ? "" : $" ({model.Preset})")} x{scale}, {model.PrecisionName}{(ensemble ? ", self-ensemble" : "")} on {run.Get(arguments.Data)}");
            run.Out.WriteLine();
            PicturePage.Write(report, run.Out);
        }

        return report.Failures.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
