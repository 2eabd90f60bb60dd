using Subband.Models.Import;
using Subband.Torch;

namespace Subband.Models.SuperResolution.Import;

/// <summary>How somebody else's program names the tensors of a network, and what it keeps to itself.</summary>
internal abstract class SuperResolutionLayout : ImportLayout
{
    /// <summary>The preset under which the imported model goes.</summary>
    public abstract string Preset { get; }

    /// <summary>The network, whose numbers are read from the shapes of the tensors.</summary>
    /// <param name="weights">Of this layout.</param>
    /// <param name="scale">What <c>--scale</c> says; null where it was not given.</param>
    /// <exception cref="SubbandException">The tensors that tell are missing.</exception>
    /// <exception cref="UsageException">The scale is needed, or is another one.</exception>
    public abstract NetworkSettings Settings(ForeignWeights weights, int? scale);

    /// <summary>The name that a tensor of ours has in this layout.</summary>
    /// <param name="name">Ours.</param>
    /// <param name="weights">Of this layout.</param>
    /// <param name="settings">The network's.</param>
    public virtual string Foreign(string name, ForeignWeights weights, NetworkSettings settings) => name;

    /// <summary>Names of tensors that are read otherwise, or stand for nothing.</summary>
    public virtual IReadOnlyList<string> Further => [];

    /// <summary>Puts into a network, which is filled, what this layout keeps in tensors of its own.</summary>
    /// <param name="weights">Of this layout.</param>
    /// <param name="network">The network.</param>
    public virtual void Complete(ForeignWeights weights, SuperResolutionNetwork network)
    {
    }

    /// <inheritdoc/>
    public sealed override ImportedTensors Read(ForeignWeights weights, int? scale)
    {
        var settings = new SuperResolutionSettings { Network = Settings(weights, scale) };
        RequireSound(weights, new SuperResolutionFamily(), settings);
        SuperResolutionNetworks.RequireNoLargerThan(settings.Network, weights.Path);
        using var random = new Generator(0); // overwritten by the file's weights
        var network = SuperResolutionNetworks.Make(settings, random);
        try
        {
            weights.Fill(
                network.NamedTensors().Select(entry => (Foreign(entry.Name, weights, settings.Network), entry.Tensor)), Title, Further);
            Complete(weights, network);
            return new ImportedTensors(
                new SuperResolutionFamily(),
                Preset,
                settings,
                [.. AveragedTensors.Prefixed(AveragedTensors.Generator, network.NamedTensors())],
                network.ParameterCount(),
                settings.Network.Scales);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The scale that the shapes tell, after a look at what was asked for.</summary>
    /// <exception cref="UsageException">Another one was asked for.</exception>
    protected IReadOnlyList<int> Scales(ForeignWeights weights, int found, int? asked) => asked is null || asked == found
        ? [found]
        : throw new UsageException($"{weights.Path} is {Title} and enlarges by {found}, not by {asked}; leave out --scale.");

    /// <summary>The scale of a pixel-shuffle upsampler, from its first filters and the number of its steps.</summary>
    /// <param name="weights">Of this layout.</param>
    /// <param name="first">The name of the first convolution's weight, [w·f², w₀, 3, 3].</param>
    /// <param name="width">w.</param>
    /// <param name="steps">How many there are.</param>
    /// <exception cref="SubbandException">The shape is none of such a convolution.</exception>
    protected int UpsamplerScale(ForeignWeights weights, string first, long width, int steps)
    {
        var outputs = weights.Shape(first, 4)[0];
        var factor = (int)Math.Round(Math.Sqrt((double)outputs / width));
        return (factor is 2 or 3) && outputs == width * factor * factor && (factor == 2 || steps == 1) && steps <= 4
            ? (int)Math.Pow(factor, steps)
            : throw new SubbandException(
                $"{weights.Path} looks like {Title}, but its enlargement ({steps} steps, {outputs} channels for {width} in the first) is none "
                + "of 2, 3, 4, 8 or 16.");
    }
}
