using Subband.Imaging;
using Subband.Models;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>A model at work on photographs: a network, or several for one factor each, or an interpolation.</summary>
/// <param name="Name">What it was called by.</param>
/// <param name="Preset">The preset it was trained with; null for plain interpolation.</param>
/// <param name="Fingerprint">Which model it is: the same for the same weights only.</param>
/// <param name="Upscaler">What does the work.</param>
/// <param name="Device">Where it computes.</param>
/// <param name="Precision">How exactly it computes.</param>
public sealed record UpscalingModel(
    string Name,
    string? Preset,
    string Fingerprint,
    IUpscaler Upscaler,
    Device Device,
    UpscalingPrecision Precision = UpscalingPrecision.Fp32)
    : IUpscaler
{
    /// <inheritdoc/>
    public IReadOnlyList<int> Scales => Upscaler.Scales;

    /// <summary>By how much it enlarges where nobody says: its largest factor, or 2 where it has any.</summary>
    public int StandardScale => Scales is [.., var largest] ? largest : 2;

    /// <summary>How exactly it computes: <c>fp32</c>, <c>bf16</c> or <c>fast</c>.</summary>
    public string PrecisionName => Precision switch
    {
        UpscalingPrecision.Fp32 => "fp32",
        UpscalingPrecision.Bf16 => "bf16",
        _ => "fast",
    };

    /// <inheritdoc/>
    public int? Reach(int scale) => Upscaler.Reach(scale);

    /// <inheritdoc/>
    bool IUpscaler.TakesRows(int scale) => Upscaler.TakesRows(scale);

    /// <inheritdoc/>
    public Tensor Upscale(Tensor images, int scale) => Upscale(images, scale, Precision);

    /// <inheritdoc/>
    public Rgb8Image Upscale(Rgb8Image image, int scale)
    {
        if (Precision == UpscalingPrecision.Fp32)
        {
            return Upscaler.Upscale(image, scale); // of which an interpolation needs no engine
        }

        using Autocast cast = new(Device.Type, DType.BFloat16);
        using Bf16Products products = Bf16Products.InLargeTiles(Precision == UpscalingPrecision.Fast);
        return Upscaler.Upscale(image, scale);
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Upscaler.Dispose();

    /// <summary>Enlarges one tile.</summary>
    /// <param name="tile">[H, W, 3].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="scale">S.</param>
    /// <param name="precision">How exactly to compute.</param>
    /// <returns>[3, S·H, S·W].</returns>
    internal float[] Run(float[] tile, int width, int height, int scale, UpscalingPrecision precision)
    {
        using TensorScope scope = new();
        Tensor large = Enlarged(tile, width, height, scale, precision);
        return large.Size(2) == (long)height * scale
            ? large.ToArray<float>()
            : throw Unexpected(large, width, height, scale);
    }

    /// <summary>Enlarges the next rows of a <see cref="RowWalk"/>.</summary>
    /// <param name="pixels">[H, W, 3].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="scale">S.</param>
    /// <param name="precision">How exactly to compute.</param>
    /// <returns>[1, 3, rows, S·W], float32, the new rows that are complete; perhaps none.</returns>
    internal Tensor RunRows(float[] pixels, int width, int height, int scale, UpscalingPrecision precision)
    {
        using TensorScope scope = new();
        return scope.Keep(Enlarged(pixels, width, height, scale, precision).To(Device.Cpu));
    }

    // [1, 3, new rows, S·W], float32
    private Tensor Enlarged(float[] pixels, int width, int height, int scale, UpscalingPrecision precision)
    {
        Tensor large = Upscale(Tensor.From(pixels, 1, height, width, 3).Permute(0, 3, 1, 2).To(Device), scale, precision);
        return large.Size(0) == 1 && large.Size(1) == 3 && large.Size(3) == (long)width * scale
            ? large.To(DType.Float32)
            : throw Unexpected(large, width, height, scale);
    }

    private SubbandException Unexpected(Tensor large, int width, int height, int scale) => new(
        $"The model {Name} makes {large} of an image of {width}x{height} at a scale of {scale}; [1, 3, {height * scale}, {width * scale}] was expected.");

    private Tensor Upscale(Tensor images, int scale, UpscalingPrecision precision)
    {
        using GradMode noGradients = Autograd.NoGrad();
        using Autocast cast = new(Device.Type, DType.BFloat16, precision != UpscalingPrecision.Fp32);
        using Bf16Products products = Bf16Products.InLargeTiles(precision == UpscalingPrecision.Fast);
        return Upscaler.Upscale(images, scale);
    }
}
