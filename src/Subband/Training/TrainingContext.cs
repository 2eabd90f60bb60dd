using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Training;

/// <summary>The precision in which convolutions and matrix products run; parameters are always float32.</summary>
public enum Precision
{
    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>bfloat16 by autocast.</summary>
    Bf16,
}

/// <summary>What a trainee is given of the world around it.</summary>
/// <param name="Device">Where to compute.</param>
/// <param name="Precision">In which precision to compute.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Random">
/// The one generator of noise, dropout and augmentation, on <paramref name="Device"/>; the loop saves and restores it.
/// </param>
/// <param name="Classes">The class names of the data; empty when it has none.</param>
/// <param name="Statistics">
/// Computes the per-position mean and deviation [3, H, W] of the training images in [-1, 1] at the model's size; only
/// models that normalise by them call it, and only for a new run.
/// </param>
public sealed record TrainingContext(
    Device Device,
    Precision Precision,
    ulong Seed,
    Generator Random,
    IReadOnlyList<string> Classes,
    Func<(Tensor Mean, Tensor Deviation)> Statistics)
{
    /// <summary>Brings a network to where the run computes, its filters channels-last.</summary>
    /// <returns>The network itself.</returns>
    public T Place<T>(T network)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(network);
        network.To(Device);
        network.To(MemoryFormat.ChannelsLast);
        return network;
    }

    /// <summary>Runs what follows in the precision of the run, until disposed.</summary>
    public Autocast Autocast() => new(Device.Type, DType.BFloat16, Precision == Precision.Bf16);
}
