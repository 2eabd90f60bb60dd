namespace Subband.Imaging;

/// <summary>A sheet of paper on which pictures and texts are put.</summary>
internal sealed class Canvas
{
    private readonly byte[] _pixels;

    /// <summary>Makes an empty sheet.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="paper">Its grey level.</param>
    public Canvas(int width, int height, byte paper)
    {
        Width = width;
        Height = height;
        _pixels = new byte[checked(width * height * 3)];
        Array.Fill(_pixels, paper);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Puts a picture, each of its pixels enlarged to a square.</summary>
    /// <param name="image">The picture; it must fit.</param>
    /// <param name="left">Where its left edge goes.</param>
    /// <param name="top">Where its top edge goes.</param>
    /// <param name="scale">The side of a square.</param>
    public void Draw(Rgb8Image image, int left, int top, int scale)
    {
        int length = image.Width * scale * 3;
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> line = _pixels.AsSpan(Offset(left, top + (y * scale)), length);
            for (int x = 0; x < image.Width * scale; x++)
            {
                image.Pixels.AsSpan(((y * image.Width) + (x / scale)) * 3, 3).CopyTo(line[(x * 3)..]);
            }

            for (int copy = 1; copy < scale; copy++)
            {
                line.CopyTo(_pixels.AsSpan(Offset(left, top + (y * scale) + copy)));
            }
        }
    }

    /// <summary>Puts a text; what lies beyond the sheet is cut off.</summary>
    /// <param name="text">The text.</param>
    /// <param name="left">Where its first letter begins.</param>
    /// <param name="top">Where its first line begins.</param>
    /// <param name="ink">Its grey level.</param>
    public void Draw(RenderedText text, int left, int top, byte ink)
    {
        for (int y = 0; y < text.Height; y++)
        {
            for (int x = 0; x < text.Width; x++)
            {
                (int column, int row) = (left + x, top + text.Top + y);
                if (column < 0 || column >= Width || row < 0 || row >= Height)
                {
                    continue;
                }

                int coverage = text.Coverage[(y * text.Width) + x];
                foreach (ref byte sample in _pixels.AsSpan(Offset(column, row), 3))
                {
                    sample = (byte)(((sample * (255 - coverage)) + (ink * coverage) + 127) / 255);
                }
            }
        }
    }

    /// <summary>The finished sheet. The canvas must not be drawn on any more.</summary>
    public Rgb8Image ToImage() => new(Width, Height, _pixels);

    private int Offset(int column, int row) => ((row * Width) + column) * 3;
}
