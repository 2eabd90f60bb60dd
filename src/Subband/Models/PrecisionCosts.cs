namespace Subband.Models;

/// <summary>What it costs a network that enlarges photographs to compute less exactly, as <see cref="Evaluation.PrecisionEvaluation"/> measures it.</summary>
/// <param name="Bf16">By how many decibels the PSNR is lower in <see cref="Upscaling.UpscalingPrecision.Bf16"/>; null where nobody measured it.</param>
/// <param name="Fast">The same of <see cref="Upscaling.UpscalingPrecision.Fast"/>.</param>
public sealed record PrecisionCosts(double? Bf16 = null, double? Fast = null)
{
    /// <summary>Of several networks for a factor each: the higher, and unknown of one is unknown of all.</summary>
    public static PrecisionCosts Highest(IReadOnlyCollection<PrecisionCosts> costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return new PrecisionCosts(Of(cost => cost.Bf16), Of(cost => cost.Fast));

        double? Of(Func<PrecisionCosts, double?> read) => costs.Any(cost => read(cost) is null) ? null : costs.Max(read);
    }
}
