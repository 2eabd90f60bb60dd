using Subband.Diagnostics;
using Subband.Torch;
using Subband.Training;

namespace Subband;

/// <summary>Decides what <c>auto</c> leaves open on this machine: where to compute, in which precision, and on how many threads.</summary>
public static class ComputeChoice
{
    // The first NVIDIA GPUs with bf16 arithmetic, Ampere, have compute capability 8.0.
    private const int CudaMajorWithBf16 = 8;

    private const string NoBf16 = "the hardware has no bf16";

    /// <summary>Where to compute.</summary>
    /// <param name="wanted">What was asked for; null for a CUDA device where there is one, else the processor.</param>
    /// <exception cref="SubbandException">A CUDA device was asked for, and there is none.</exception>
    public static Device Device(DeviceType? wanted) => wanted switch
    {
        DeviceType.Cpu => Torch.Device.Cpu,
        null when Engine.CudaDevices == 0 => Torch.Device.Cpu,
        DeviceType.Cuda when Engine.CudaDevices == 0 => throw new SubbandException(
            $"There is no CUDA device that libtorch {Engine.TorchVersion} could compute on; 'subband doctor' tells why. "
            + "Leave out --device cuda to compute on the processor."),
        _ => Torch.Device.Cuda,
    };

    /// <summary>The fastest precision that trains well: bf16 where the hardware is faster in it, else single precision.</summary>
    /// <param name="device">Where to compute.</param>
    public static Precision Precision(Device device) => WhyNotBf16(device) is null ? Training.Precision.Bf16 : Training.Precision.Fp32;

    /// <summary>Why bf16 would not be faster on a device, such as <c>the hardware has no bf16</c>; null if it is.</summary>
    /// <param name="device">Where to compute.</param>
    public static string? WhyNotBf16(Device device) => device.Type switch
    {
        DeviceType.Cuda => Engine.CudaCapability(device.Index).Major < CudaMajorWithBf16 ? NoBf16 : null,
        _ when !ProcessorReport.Gather().HasBf16 => NoBf16,
        _ when !Engine.Convolutions.HasOneDnn => "bf16 is slow without oneDNN", // converted to and fro
        _ when !Engine.IsBf16Faster => "this processor is no faster in bf16",
        _ => null,
    };

    /// <summary>How many threads compute: one on each core that this process may use, unless OMP_NUM_THREADS says otherwise.</summary>
    /// <param name="wanted">What was asked for, at least 1; null for the best.</param>
    /// <exception cref="UsageException">Fewer than one thread was asked for.</exception>
    public static int Threads(int? wanted) => wanted switch
    {
        < 1 => throw new UsageException($"At least 1 thread computes, not {wanted}."),
        { } number => number,
        null when string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")) => ProcessorCores.Count(),
        null => Engine.Threads,
    };

    /// <summary>What is to be known about computing on a device; null if there is nothing.</summary>
    /// <param name="device">Where to compute.</param>
    public static string? Warning(Device device) =>
        device.Type == DeviceType.Cpu && Diagnosis.Convolutions(Engine.Convolutions.Fault) is { } finding
            ? $"{finding.Problem} {finding.Remedy}"
            : null;
}
