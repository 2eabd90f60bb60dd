using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>Fourier transforms.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The two-dimensional discrete Fourier transform of real values, Σ x·e^(−2πi(v·y/height + u·x/width)) without any factor. Of the
    /// columns the first half and the middle one are computed; the others are the conjugates of these.
    /// </summary>
    /// <param name="height">Rows of the transform; zeros are put below the values to fill them.</param>
    /// <param name="width">Columns of the transform; zeros are put at the right to fill them.</param>
    /// <returns>Of [..., H, W] in float32 or float64: [..., height, width/2 + 1, 2], real and imaginary parts last.</returns>
    public Tensor RealFourier2d(long height, long width)
    {
        using var scope = new TensorScope();
        return scope.Keep(Operators.ViewAsReal.Call(Operators.FftRfft2.Call(this, (long[])[height, width])));
    }
}
