using Subband.Torch;
using Subband.Training;
using Subband.Upscaling;

namespace Subband.Cli.Common;

/// <summary>What choices of the command line mean to the library, where null stands for <c>auto</c>.</summary>
internal static class Choices
{
    /// <summary>The kind of device that was asked for.</summary>
    public static DeviceType? Wanted(this DeviceChoice choice) => choice switch
    {
        DeviceChoice.Cpu => DeviceType.Cpu,
        DeviceChoice.Cuda => DeviceType.Cuda,
        _ => null,
    };

    /// <summary>The precision that was asked for.</summary>
    public static Precision? Wanted(this PrecisionChoice choice) => choice switch
    {
        PrecisionChoice.Fp32 => Precision.Fp32,
        PrecisionChoice.Bf16 => Precision.Bf16,
        _ => null,
    };

    /// <summary>The precision that was asked for.</summary>
    public static UpscalingPrecision? Wanted(this UpscalingPrecisionChoice choice) => choice switch
    {
        UpscalingPrecisionChoice.Fp32 => UpscalingPrecision.Fp32,
        UpscalingPrecisionChoice.Bf16 => UpscalingPrecision.Bf16,
        UpscalingPrecisionChoice.Fast => UpscalingPrecision.Fast,
        _ => null,
    };
}
