using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>
/// Gives a network what a trained one has: all of it, as SRGAN's generator starts from SRResNet; or, for another scale, all but
/// the enlargement, as the networks for x3 and x4 of RDN and RCAN start from that for x2.
/// </summary>
internal static class StartingWeights
{
    /// <summary>Copies what is alike by name and shape.</summary>
    /// <param name="model">A shipped model's name, a run, a checkpoint or a file.</param>
    /// <param name="network">Is changed.</param>
    /// <exception cref="SubbandException">There is no such model, or it has nothing in common with the network.</exception>
    public static void Copy(string model, SuperResolutionNetwork network)
    {
        using var file = ModelStore.Open(model);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var used = AveragedTensors.Used(file.Tensors);
        var (copied, all) = (0, 0);
        foreach (var (name, tensor) in network.NamedTensors())
        {
            all++;
            if (file.Tensors.Find(used + name) is { } trained && trained.Shape.SequenceEqual(tensor.Shape))
            {
                tensor.CopyFrom(trained);
                copied++;
            }
        }

        // The enlargement is a small part of any network; where more differs, it is another one.
        if (2 * copied < all)
        {
            throw new UsageException(
                $"optimizer.startFrom is {model}, of whose tensors only {copied} of {all} fit the network that is to be trained; "
                + "give a model of the same network, for the same scale or another.");
        }
    }
}
