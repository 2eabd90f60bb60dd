using Subband.Torch;
using Subband.Training;

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
}
