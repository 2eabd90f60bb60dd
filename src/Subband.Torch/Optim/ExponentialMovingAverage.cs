using Subband.Torch.Modules;
using Subband.Torch.Native;

namespace Subband.Torch.Optim;

/// <summary>
/// A slowly following copy of a network's parameters: average ← decay · average + (1 − decay) · parameter after each
/// step. Images sampled from the average are better and steadier than the network's own.
/// </summary>
/// <remarks>
/// Running statistics are averaged like parameters: those of the network as it is now would not fit the averaged weights, and are of a few
/// batches only. Other buffers (spectral vectors) are copied as they are. The average owns its tensors, which have the names of the module's own.
/// </remarks>
public sealed class ExponentialMovingAverage : IDisposable
{
    private readonly Module _module;
    private readonly (string Name, Tensor Tensor)[] _averaged; // parameters, then running statistics
    private readonly (string Name, Tensor Tensor)[] _copied;
    private double _decay;

    /// <summary>Begins as a copy of the module.</summary>
    /// <param name="module">The network to follow; it stays its holder's.</param>
    /// <param name="decay">What stays of the average at each update, from 0 to below 1; see <see cref="DecayFor"/>.</param>
    public ExponentialMovingAverage(Module module, double decay)
    {
        ArgumentNullException.ThrowIfNull(module);
        Decay = decay;
        _module = module;
        _averaged = Copy(Averaged(module));
        _copied = Copy(Copied(module));
    }

    /// <summary>What stays of the average at each update, from 0 to below 1. May change from update to update.</summary>
    public double Decay
    {
        get => _decay;
        set => _decay = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Decay), value, "The decay must be at least 0 and below 1.");
    }

    /// <summary>The decay at which a parameter's influence halves over a number of training images.</summary>
    /// <param name="halfLifeKimg">That number in thousands; 0 for no memory, an average that equals the network.</param>
    /// <param name="imagesPerStep">Training images from one update to the next.</param>
    /// <remarks>Karras et al. 2018 ("Progressive Growing of GANs"), as used since in the StyleGAN family.</remarks>
    public static double DecayFor(double halfLifeKimg, double imagesPerStep) =>
        halfLifeKimg <= 0 ? 0 : Math.Pow(0.5, imagesPerStep / (halfLifeKimg * 1000));

    /// <summary>Moves the average towards the module as it is now.</summary>
    public void Update()
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var ((_, average), (_, now)) in _averaged.Zip(Averaged(_module)))
        {
            if (OnePass.Takes(average))
            {
                _ = Operators.AverageStep.CallInPlace(average, now, Decay);
            }
            else
            {
                // Two passes, but each vectorised; libtorch's own interpolation is not.
                average.MulInPlace(Decay).AddInPlace(now, 1 - Decay);
            }
        }

        foreach (var ((_, copy), (_, now)) in _copied.Zip(Copied(_module)))
        {
            copy.CopyFrom(now);
        }
    }

    /// <summary>The average by the module's own dotted names: what a checkpoint of it holds.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedTensors() => _averaged.Concat(_copied);

    /// <summary>Gives a module of the same architecture the averaged values.</summary>
    public void CopyTo(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var byName = NamedTensors().ToDictionary(t => t.Name, t => t.Tensor);
        module.CopyFrom(byName.GetValueOrDefault, "the moving average");
    }

    /// <summary>Continues from an average that <see cref="NamedTensors"/> gave.</summary>
    /// <param name="source">Finds a tensor by name; null when there is none.</param>
    /// <param name="origin">What the tensors come from, for the error message.</param>
    /// <exception cref="SubbandException">A name is missing or a shape differs; nothing has been copied then.</exception>
    public void Load(Func<string, Tensor?> source, string origin) => TensorsByName.Copy(NamedTensors(), source, origin);

    /// <summary>Frees the average.</summary>
    public void Dispose()
    {
        foreach (var (_, tensor) in NamedTensors())
        {
            tensor.Dispose();
        }
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Averaged(Module module) =>
        module.NamedParameters().Concat(module.NamedBuffers(statistics: true));

    private static IEnumerable<(string Name, Tensor Tensor)> Copied(Module module) => module.NamedBuffers(statistics: false);

    private static (string Name, Tensor Tensor)[] Copy(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        using var noGrad = Autograd.NoGrad();
        return [.. tensors.Select(t => (t.Name, TensorScope.Release(t.Tensor.Clone())))];
    }
}
