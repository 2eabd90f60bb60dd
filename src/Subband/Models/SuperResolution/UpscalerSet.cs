using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>Networks that enlarge by one factor each, as one that enlarges by all of these factors.</summary>
public sealed class UpscalerSet : IUpscaler
{
    private readonly SortedDictionary<int, Lazy<IUpscaler>> _networks;

    /// <summary>Puts networks together.</summary>
    /// <param name="networks">How to load the one for a factor, which happens when it is first asked for; the set owns what was loaded.</param>
    public UpscalerSet(IReadOnlyDictionary<int, Func<IUpscaler>> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        _networks = [];
        foreach ((int scale, Func<IUpscaler> load) in networks)
        {
            _networks.Add(scale, new Lazy<IUpscaler>(load));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Scales => [.. _networks.Keys];

    /// <inheritdoc/>
    public int? Reach(int scale) => Network(scale).Reach(scale);

    /// <inheritdoc/>
    bool IUpscaler.TakesRows(int scale) => Network(scale).TakesRows(scale);

    /// <inheritdoc/>
    /// <exception cref="UsageException">There is no network for this factor.</exception>
    public Tensor Upscale(Tensor images, int scale) => Network(scale).Upscale(images, scale);

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        foreach (Lazy<IUpscaler> network in _networks.Values.Where(network => network.IsValueCreated))
        {
            network.Value.Dispose();
        }
    }

    private IUpscaler Network(int scale)
    {
        ((IUpscaler)this).RequireScale(scale, "This set of networks");
        return _networks[scale].Value;
    }
}
