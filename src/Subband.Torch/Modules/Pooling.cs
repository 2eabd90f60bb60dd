namespace Subband.Torch.Modules;

/// <summary>The largest element of each window.</summary>
/// <param name="kernel">Side of the window.</param>
/// <param name="stride">Pixels from one window to the next.</param>
/// <param name="padding">Border of −∞ at each side.</param>
/// <param name="ceilMode">Let the last window hang over the edge, instead of leaving it out.</param>
public sealed class MaxPool2d(int kernel, int stride, int padding = 0, bool ceilMode = false) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.MaxPool2d(x, kernel, stride, padding, ceilMode);
}

/// <summary>The mean of each window.</summary>
/// <param name="kernel">Side of the window.</param>
/// <param name="stride">Pixels from one window to the next.</param>
/// <param name="padding">Border of zeros at each side, which count.</param>
public sealed class AvgPool2d(int kernel, int stride, int padding = 0) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.AvgPool2d(x, kernel, stride, padding);
}

/// <summary>[N, C, H, W] to [N, C·H·W].</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Flatten();
    }
}
