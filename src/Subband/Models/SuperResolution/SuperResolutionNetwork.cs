using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>A network that sharpens images which were enlarged before, or that enlarges them itself.</summary>
/// <remarks>
/// What goes in and what comes out is in [0,1]; a network that works in another range, or about another mean, changes to and
/// fro by itself. Nothing is clamped.
/// </remarks>
public abstract class SuperResolutionNetwork : Module
{
    /// <summary>By how much it enlarges; 1 for a network whose images are enlarged before.</summary>
    public abstract int Factor { get; }

    /// <summary>Colours of an image: 3 for RGB, 1 for the brightness Y alone.</summary>
    public abstract int Channels { get; }

    /// <summary>
    /// Whether it computes the band of detail that its image lacks when it is enlarged by bicubic interpolation, which is added at the
    /// end, and not the whole large image anew. So it is right but for detail from the first step on.
    /// </summary>
    public bool ComputesBand { get; init; }

    /// <summary>Computes images.</summary>
    /// <param name="x">[N, <see cref="Channels"/>, H, W] in [0,1].</param>
    /// <returns>[N, <see cref="Channels"/>, H·<see cref="Factor"/>, W·<see cref="Factor"/>], about [0,1].</returns>
    public abstract Tensor Forward(Tensor x);

    /// <summary>Its convolutions, where each but the last has max(0, ·) behind it and is all that the next one sees; otherwise none.</summary>
    internal virtual IReadOnlyList<Conv2d> RectifiedChain => [];

    /// <summary>The pixels of the input that a range of pixels of the output depends on, along each axis; null for all of them.</summary>
    internal abstract PixelSpan? Sources(PixelSpan outputs);

    /// <summary>
    /// The convolution that makes pixels, in single precision whatever the others compute in: bf16 knows 128 numbers between ½ and 1,
    /// fewer than a byte.
    /// </summary>
    private protected static Tensor MakePixels(Conv2d last, Tensor features)
    {
        using var precise = new Autocast(features.Device.Type, enabled: false);
        return last.Forward(features.To(DType.Float32));
    }

    /// <summary>The large image, from what was computed: that itself, or as a band over the enlarged image.</summary>
    /// <param name="image">[N, C, H, W], what the network was given.</param>
    /// <param name="computed">[N, C, sH, sW].</param>
    private protected Tensor Complete(Tensor image, Tensor computed) => ComputesBand
        ? RowWalk.Sum(computed, Enlargement.Of(image, Factor, ResamplingKernel.Bicubic))
        : computed;

    /// <summary>Refuses what is no batch of images for this network, and lays it out as its filters want it.</summary>
    private protected Tensor Prepare(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Dimensions != 4 || x.Size(1) != Channels)
        {
            throw new TensorShapeException(
                $"{GetType().Name}: images [N, {Channels}, H, W] were expected, the tensor is {x}.", GetType().Name);
        }

        return x.Contiguous(MemoryFormat.ChannelsLast);
    }
}
