using Subband.Torch;

namespace Subband.Training;

/// <summary>Which changes a discriminator sees its images under.</summary>
public enum AugmentationPolicy
{
    /// <summary>None.</summary>
    None,

    /// <summary>Shifts by up to an eighth of the side, zeros coming in.</summary>
    Translation,

    /// <summary>Brightness, saturation and contrast, and shifts.</summary>
    ColorTranslation,

    /// <summary>Brightness, saturation and contrast, shifts, and a square of half the side set to 0.</summary>
    ColorTranslationCutout,
}

/// <summary>
/// Random changes of images through which gradients flow, so that real and generated images can both pass through them.
/// </summary>
/// <remarks>Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training" (2020), section 4 and its ranges.</remarks>
public static class DifferentiableAugmentation
{
    /// <summary>Changes each of N groups of images by its own random numbers.</summary>
    /// <param name="policy">Which changes.</param>
    /// <param name="images">[N, G·3, H, W] in about [-1, 1]: G colour images that belong together and change alike.</param>
    /// <param name="random">Where the random numbers come from.</param>
    /// <returns>[N, G·3, H, W].</returns>
    public static Tensor Apply(AugmentationPolicy policy, Tensor images, Generator random)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (policy == AugmentationPolicy.None)
        {
            return images;
        }

        using var scope = new TensorScope();
        var x = images;
        if (policy is AugmentationPolicy.ColorTranslation or AugmentationPolicy.ColorTranslationCutout)
        {
            x = Color(x, random);
        }

        x = Translate(x, random);
        if (policy == AugmentationPolicy.ColorTranslationCutout)
        {
            x = CutOut(x, random);
        }

        return scope.Keep(x);
    }

    private static Tensor Color(Tensor images, Generator random)
    {
        var (n, c, h, w) = (images.Size(0), images.Size(1), images.Size(2), images.Size(3));
        var x = images.Reshape(n, c / 3, 3, h, w);
        x = x + Uniform([n, 1, 1, 1, 1], -0.5, 0.5, random);
        var grey = x.Mean([2], keep: true);
        x = (x - grey) * Uniform([n, 1, 1, 1, 1], 0, 2, random) + grey;
        var mean = x.Mean([2, 3, 4], keep: true);
        x = (x - mean) * Uniform([n, 1, 1, 1, 1], 0.5, 1.5, random) + mean;
        return x.Reshape(n, c, h, w);
    }

    // A shift is a product with a matrix that has ones beside its diagonal, one matrix for each image.
    private static Tensor Translate(Tensor images, Generator random)
    {
        var n = images.Size(0);
        var rows = ShiftMatrices(n, images.Size(2), random);                      // [N, 1, H, H]
        var columns = ShiftMatrices(n, images.Size(3), random).Transpose();       // [N, 1, W, W]
        return rows.MatMul(images).MatMul(columns);
    }

    private static Tensor ShiftMatrices(long count, long size, Generator random)
    {
        var most = size / 8;
        var shift = Tensor.RandInt(-most, most + 1, [count, 1, 1], random);
        var from = Tensor.Arange(0, size, device: random.Device);
        return (from.View(1, size, 1) + shift).IsEqual(from.View(1, 1, size)).To(DType.Float32).Unsqueeze(1);
    }

    private static Tensor CutOut(Tensor images, Generator random)
    {
        var (n, h, w) = (images.Size(0), images.Size(2), images.Size(3));
        var rows = Outside(n, h, random).View(n, 1, h, 1);
        var columns = Outside(n, w, random).View(n, 1, 1, w);
        // A pixel stays when its row or its column lies outside the square.
        return images * rows.Maximum(columns);
    }

    // 1 outside a run of half the side around a random centre, 0 inside.
    private static Tensor Outside(long count, long size, Generator random)
    {
        var centre = Tensor.RandInt(0, size, [count, 1], random);
        var distance = (Tensor.Arange(0, size, device: random.Device).View(1, size) - centre).To(DType.Float32) + 0.5;
        return distance.Abs().IsGreater(size / 4.0).To(DType.Float32);
    }

    private static Tensor Uniform(long[] shape, double low, double high, Generator random) =>
        Tensor.Empty(shape, device: random.Device).UniformInPlace(low, high, random);
}
