using Subband.Torch;

namespace Subband.Models.Features;

/// <summary>A network that was trained to tell photographs apart and whose insides describe them.</summary>
public interface IFeatureNetwork : IDisposable
{
    /// <summary>The maps that LPIPS compares, from fine to coarse. Gradients flow to the images, none to the weights.</summary>
    /// <param name="images">RGB of [0,1], standardised by ImageNet's mean and deviation, [N, 3, H, W].</param>
    /// <returns>[N, C, H', W'] each.</returns>
    Tensor[] Taps(Tensor images);
}
