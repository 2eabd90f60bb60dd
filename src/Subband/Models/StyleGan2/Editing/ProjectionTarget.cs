using Subband.Imaging;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>Brings pictures to the size of a model, as training brings its images: covering it, cut in the middle.</summary>
public static class ProjectionTarget
{
    /// <summary>A picture of the model's size.</summary>
    /// <param name="picture">Any picture.</param>
    /// <param name="width">The model's width in pixels.</param>
    /// <param name="height">The model's height in pixels.</param>
    public static Rgb8Image Of(Rgb8Image picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var factor = Math.Max((double)width / picture.Width, (double)height / picture.Height);
        var (wide, high) = (Math.Max(width, (int)Math.Round(picture.Width * factor)), Math.Max(height, (int)Math.Round(picture.Height * factor)));
        PixelWindow middle = new((wide - width) / 2, (high - height) / 2, width, height);
        return (wide, high) == (picture.Width, picture.Height)
            ? picture.Cut(middle)
            : Resampler.Resize(picture, wide, high, new Resampling(ResamplingKernel.Area), middle);
    }
}
