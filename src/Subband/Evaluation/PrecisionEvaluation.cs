using Subband.Metrics;
using Subband.Models;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Evaluation;

/// <summary>What it costs a model that enlarges photographs to compute less exactly than in single precision.</summary>
public static class PrecisionEvaluation
{
    /// <summary>Enlarges shrunk photographs in each precision, by each factor of the model.</summary>
    /// <param name="file">The model; it may be closed afterwards.</param>
    /// <param name="folder">The photographs, as <see cref="UpscaleEvaluation"/> takes them.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Called after each picture; null for nobody.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>
    /// By how many decibels the mean PSNR on the brightness is lower, at the factor at which it is most; negative where it is higher at
    /// all of them. bf16 is multiplied for this also where the processor is slower so, since the model may be used elsewhere; where it
    /// cannot be multiplied, <see cref="UpscalingPrecision.Fast"/> stays unknown.
    /// </returns>
    /// <exception cref="SubbandException">The model enlarges nothing, or a photograph cannot be measured.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static PrecisionCosts Measure(
        ModelFile file, string folder, Device device, Action<EvaluationProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(folder);
        using IUpscaler network = file.Family.LoadUpscaler(file, device);
        using Bf16Products products = Bf16Products.EvenWhereSlower();
        Dictionary<int, double> exact = network.Scales.ToDictionary(scale => scale, scale => Ratio(UpscalingPrecision.Fp32, scale));
        return new PrecisionCosts(
            Cost(UpscalingPrecision.Bf16),
            device.Type == DeviceType.Cpu && Engine.CanMultiplyBf16 ? Cost(UpscalingPrecision.Fast) : null);

        double Cost(UpscalingPrecision precision) => exact.Max(entry => entry.Value - Ratio(precision, entry.Key));

        double Ratio(UpscalingPrecision precision, int scale)
        {
            UpscalingModel model = new(file.Tensors.Path, file.Preset, "", network, device, precision);
            PictureReport report = new UpscaleEvaluation(folder, scale).Run(
                model, new PictureMeasures(PictureMeasureKinds.Psnr, crop: scale, lpips: null), progress, stop);
            return report.Failures is [var failure, ..]
                ? throw new SubbandException($"The cost of computing less exactly was not measured: {failure.Name}: {failure.Reason}")
                : report.Mean!.PsnrY!.Value;
        }
    }
}
