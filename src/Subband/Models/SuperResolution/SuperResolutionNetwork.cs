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
    /// <param name="last">The convolution.</param>
    /// <param name="features">[N, F, H, W].</param>
    /// <param name="plus">[N, C, H, W], what is added to its result; null for nothing.</param>
    private protected static Tensor MakePixels(Conv2d last, Tensor features, Tensor? plus = null)
    {
        using var precise = new Autocast(features.Device.Type, enabled: false);
        var exact = features.To(DType.Float32);
        return plus is null ? last.Forward(exact) : last.ForwardPlus(exact, plus);
    }

    /// <summary>The large image, by <see cref="MakePixels"/>: what that makes itself, or as a band over the enlarged image.</summary>
    /// <param name="image">[N, C, H, W], what the network was given.</param>
    /// <param name="last">The convolution that makes pixels.</param>
    /// <param name="features">[N, F, sH, sW].</param>
    /// <param name="colours">The numbers in which it makes them.</param>
    /// <returns>[N, C, sH, sW].</returns>
    private protected Tensor Complete(Tensor image, Conv2d last, Tensor features, ColourRange colours)
    {
        if (!ComputesBand)
        {
            return colours.Leave(MakePixels(last, features));
        }

        var enlarged = Enlargement.Of(image, Factor, ResamplingKernel.Bicubic);
        return colours.IsUnit
            ? MakePixels(last, features, enlarged)
            : RowWalk.Sum(colours.Leave(MakePixels(last, features)), enlarged);
    }

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
