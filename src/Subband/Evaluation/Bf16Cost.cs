using Subband.Metrics;
using Subband.Models;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Evaluation;

/// <summary>What it costs a model that enlarges photographs to compute in bf16 instead of single precision.</summary>
public static class Bf16Cost
{
    /// <summary>Enlarges shrunk photographs in both precisions, by each factor of the model.</summary>
    /// <param name="file">The model; it may be closed afterwards.</param>
    /// <param name="folder">The photographs, as <see cref="UpscaleEvaluation"/> takes them.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Called after each picture; null for nobody.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>
    /// By how many decibels the mean PSNR on the brightness is lower in bf16, at the factor at which it is most; negative where it
    /// is higher at all of them.
    /// </returns>
    /// <exception cref="SubbandException">The model enlarges nothing, or a photograph cannot be measured.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static double Measure(
        ModelFile file, string folder, Device device, Action<EvaluationProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(folder);
        using IUpscaler network = file.Family.LoadUpscaler(file, device);
        UpscalingModel single = new(file.Tensors.Path, file.Preset, "", network, device);
        UpscalingModel half = single with { IsBf16 = true };
        return network.Scales.Max(scale => Ratio(single, scale) - Ratio(half, scale));

        double Ratio(UpscalingModel model, int scale)
        {
            PictureReport report = new UpscaleEvaluation(folder, scale).Run(
                model, new PictureMeasures(PictureMeasureKinds.Psnr, crop: scale, lpips: null), progress, stop);
            return report.Failures is [var failure, ..]
                ? throw new SubbandException($"The cost of bf16 was not measured: {failure.Name}: {failure.Reason}")
                : report.Mean!.PsnrY!.Value;
        }
    }
}
