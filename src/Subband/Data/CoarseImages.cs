using System.Globalization;
using Subband.Imaging;

namespace Subband.Data;

/// <summary>How a photograph becomes the small one that super-resolution is to enlarge.</summary>
public enum Degradation
{
    /// <summary>MATLAB's <c>imresize</c>, bit for bit: see <see cref="MatlabResize"/>.</summary>
    Bicubic,

    /// <summary>The same curve without smoothing, so that fine detail aliases: what TensorFlow's resizing does unless told otherwise.</summary>
    Aliased,
}

/// <summary>An image made smaller.</summary>
/// <param name="Pixels">The small image, at full size again where <see cref="CoarseImages.IsEnlarged"/>.</param>
/// <param name="Wanted">What a network is to make of it.</param>
internal sealed record CoarseImage(Rgb8Image Pixels, Rgb8Image Wanted);

/// <summary>The small version of each image that a batch holds beside it.</summary>
/// <remarks>
/// It is made from the whole image, of which columns and rows beyond a multiple of the scale are left out at the right and at
/// the bottom, and both are cut alike: no patch has an edge of its own.
/// </remarks>
public sealed record CoarseImages
{
    /// <summary>The least of <see cref="Sizes"/>.</summary>
    internal const double LeastSize = 0.1;

    /// <summary>By which factors images are made smaller; for each image one of them is drawn.</summary>
    public required IReadOnlyList<int> Scales { get; init; }

    /// <summary>How they are made smaller.</summary>
    public Degradation Degradation { get; init; } = Degradation.Bicubic;

    /// <summary>Whether they are brought back to full size by bicubic interpolation, for networks that work there.</summary>
    public bool IsEnlarged { get; init; }

    /// <summary>
    /// At which sizes each image is shown, as parts of its own: one of 0.6 is first made smaller by <see cref="MatlabResize"/>. Each counts
    /// as an image of its own, so that an epoch shows all of them.
    /// </summary>
    public IReadOnlyList<double> Sizes { get; init; } = [1];

    /// <summary>
    /// What is to be made of a small image, asked once for each image, size and scale while there is memory to keep the answers
    /// (<see cref="BatchLoader"/>), by several threads at a time: given are the image, cut to a multiple of the scale, the small one and the
    /// scale; the answer is as large as the image. Null: the image itself.
    /// </summary>
    public Func<Rgb8Image, Rgb8Image, int, Rgb8Image>? Wanted { get; init; }

    /// <summary>The side of a small patch that belongs to a patch of the image.</summary>
    internal int Side(int side) => IsEnlarged ? side : side / Scales[0];

    /// <summary>The least side of an image from which a patch can be cut for every scale.</summary>
    internal int LeastSide(int side) => Scales.Max(scale => (side + scale - 1) / scale * scale);

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="UsageException">A scale is out of its range, or the patches do not fit it.</exception>
    internal void Validate(int height, int width)
    {
        const int MaxScale = 16;
        if (Scales.Count == 0 || Scales.Any(scale => scale is < 1 or > MaxScale))
        {
            throw new UsageException($"The scales are '{string.Join(",", Scales)}'; at least one from 1 to {MaxScale} is needed.");
        }

        if (Sizes.Count == 0 || Sizes.Any(size => size is not (>= LeastSize and <= 1)))
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture, $"The sizes are '{string.Join(",", Sizes)}'; at least one from {LeastSize} to 1 is needed."));
        }

        if (!IsEnlarged && Scales.Count > 1)
        {
            throw new UsageException(
                $"Small images of the scales {string.Join(", ", Scales)} have several sizes and make no batch; choose one scale, or a network that works at full size.");
        }

        if (!IsEnlarged && (height % Scales[0] != 0 || width % Scales[0] != 0))
        {
            throw new UsageException($"Patches of {width}x{height} pixels cannot be made smaller by {Scales[0]}; choose a multiple of it.");
        }
    }

    /// <summary>The small version of an image, for each scale.</summary>
    internal CoarseImage[] Of(Rgb8Image image) => [.. Scales.Select(scale => Of(image, scale))];

    /// <summary>An image at one of the sizes.</summary>
    internal Rgb8Image AtSize(Rgb8Image image, int number) => Sizes[number] == 1 ? image : MatlabResize.Resize(image, Sizes[number]);

    private CoarseImage Of(Rgb8Image image, int scale)
    {
        (int width, int height) = (image.Width / scale * scale, image.Height / scale * scale);
        Rgb8Image whole = image.Cut(new PixelWindow(0, 0, width, height));
        Rgb8Image small = Degradation == Degradation.Bicubic
            ? MatlabResize.Resize(whole, 1.0 / scale)
            : Resampler.Resize(whole, width / scale, height / scale, new Resampling(ResamplingKernel.Bicubic) { Antialias = false });
        return new CoarseImage(
            IsEnlarged ? Resampler.Resize(small, width, height, new Resampling(ResamplingKernel.Bicubic)) : small,
            Wanted is null ? image : Wanted(whole, small, scale));
    }
}
