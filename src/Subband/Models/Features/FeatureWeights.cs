using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Models.Features;

/// <summary>Readies the networks of this folder for use: weights from a file, without gradients, on a device.</summary>
internal static class FeatureWeights
{
    /// <summary>Fills a network from a file; disposes of it when that fails.</summary>
    /// <param name="network">The network.</param>
    /// <param name="path">A <c>.safetensors</c> or PyTorch file with torchvision's names; others are ignored.</param>
    /// <param name="device">Where to compute.</param>
    /// <returns>The same network.</returns>
    /// <exception cref="FileFormatException">The file is no such file.</exception>
    /// <exception cref="SubbandException">A tensor is missing or has another shape.</exception>
    public static T Fill<T>(T network, string path, Device device)
        where T : Module
    {
        using TensorScope scope = new();
        try
        {
            using TensorArchive file = TensorFile.Load(path);
            network.CopyFrom(file.Find, path);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.Freeze(device);
        return network;
    }
}
