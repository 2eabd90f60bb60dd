using Subband.Imaging;

namespace Subband.Data;

/// <summary>Which patch of an image is cut out, and how it is turned: one of the eight ways in which a square lies on itself.</summary>
/// <param name="X">Its left column.</param>
/// <param name="Y">Its top row.</param>
/// <param name="IsMirrored">Left to right.</param>
/// <param name="IsUpsideDown">Top to bottom.</param>
/// <param name="IsTransposed">Rows become columns; of squares only.</param>
internal readonly record struct PatchCut(int X, int Y, bool IsMirrored, bool IsUpsideDown = false, bool IsTransposed = false)
{
    // v/127.5 - 1 for every byte.
    private static readonly float[] Centred = [.. Enumerable.Range(0, 256).Select(v => (float)((v / 127.5) - 1))];

    /// <summary>The same patch of the image made smaller.</summary>
    public PatchCut Shrunk(int scale) => this with { X = X / scale, Y = Y / scale };

    /// <summary>Copies the patch.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">Width of the patch.</param>
    /// <param name="height">Height of the patch.</param>
    /// <param name="target">[C, height, width] in [-1,1].</param>
    public void CopyTo(Image8 image, int width, int height, Span<float> target)
    {
        int channels = image.Colour.Channels();
        int plane = height * width;
        int acrossStep = IsMirrored ? -channels : channels;
        int downStep = (IsUpsideDown ? -channels : channels) * image.Width;
        (int columnStep, int rowStep) = IsTransposed ? (downStep, acrossStep) : (acrossStep, downStep);
        int begin = channels * (((Y + (IsUpsideDown ? height - 1 : 0)) * image.Width) + X + (IsMirrored ? width - 1 : 0));
        for (int channel = 0; channel < channels; channel++)
        {
            Span<float> values = target.Slice(channel * plane, plane);
            for (int row = 0, to = 0; row < height; row++)
            {
                int from = begin + channel + (row * rowStep);
                for (int column = 0; column < width; column++, from += columnStep, to++)
                {
                    values[to] = Centred[image.Pixels[from]];
                }
            }
        }
    }
}
