using Subband.Data;
using Subband.Imaging;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>Brings pictures to the size of a model, as training brings its images: covering it, cut in the middle.</summary>
public static class ProjectionTarget
{
    /// <summary>A picture of the model's size and colour.</summary>
    /// <param name="picture">Any picture.</param>
    /// <param name="width">The model's width in pixels.</param>
    /// <param name="height">The model's height in pixels.</param>
    /// <param name="colour">The model's colour.</param>
    public static Image8 Of(Image8 picture, int width, int height, PixelColour colour = PixelColour.Rgb)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return PreparedImages.Resize(picture, new BatchPlan { Width = width, Height = height, Colour = colour, BatchSize = 1 });
    }
}
