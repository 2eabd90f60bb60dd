using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Models.StyleGan2;

/// <summary>The Adam of a network that is stepped once more every k steps, for a penalty.</summary>
/// <remarks>
/// Karras et al. 2020, appendix B, "lazy regularization": rate · c, β₁^c and β₂^c with c = k / (k + 1). Both kinds of steps share one state.
/// </remarks>
internal sealed class LazyAdam : IDisposable
{
    private readonly Adam _adam;
    private readonly double _ratio;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="settings">The shares of the past.</param>
    /// <param name="interval">k; 0 where there is no penalty.</param>
    public LazyAdam(Module network, OptimizerSettings settings, int interval)
    {
        _ratio = interval == 0 ? 1 : (double)interval / (interval + 1);
        _adam = new Adam(network.NamedParameters(), 0, Math.Pow(settings.Beta1, _ratio), Math.Pow(settings.Beta2, _ratio));
    }

    /// <summary>What is changed.</summary>
    public Tensor[] Parameters => _adam.Parameters;

    /// <summary>Changes every parameter once.</summary>
    /// <param name="gradients">One for each.</param>
    /// <param name="rate">The network's rate, without the correction.</param>
    public void Step(IReadOnlyList<Tensor> gradients, double rate)
    {
        _adam.LearningRate = rate * _ratio;
        _adam.Step(gradients);
    }

    /// <summary>All that has to be saved to continue exactly.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedState() => _adam.NamedState();

    /// <summary>Continues from what <see cref="NamedState"/> gave.</summary>
    public void Load(Func<string, Tensor?> source, string origin) => _adam.Load(source, origin);

    /// <inheritdoc/>
    public void Dispose() => _adam.Dispose();
}
