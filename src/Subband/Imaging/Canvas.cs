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

    /// <summary>Lays a colour over a rectangle; what lies beyond the sheet is cut off.</summary>
    /// <param name="place">Where.</param>
    /// <param name="colour">The colour.</param>
    /// <param name="opacity">How much of what is below it hides: 1 for all.</param>
    public void Fill(PixelWindow place, Colour colour, double opacity = 1)
    {
        for (int y = Math.Max(0, place.Y); y < Math.Min(Height, place.Y + place.Height); y++)
        {
            for (int x = Math.Max(0, place.X); x < Math.Min(Width, place.X + place.Width); x++)
            {
                Blend(x, y, colour, opacity);
            }
        }
    }

    /// <summary>Draws a line through points, smooth at its edges and round at its corners and ends; what lies beyond the sheet is cut off.</summary>
    /// <param name="points">Where the middle of the line goes; (0.5, 0.5) is the middle of the first pixel.</param>
    /// <param name="colour">The colour.</param>
    /// <param name="thickness">In pixels.</param>
    public void Stroke(IReadOnlyList<(double X, double Y)> points, Colour colour, double thickness)
    {
        // each pixel is covered by the nearest piece alone, so that pieces do not darken each other where they meet
        var coverage = new Dictionary<(int X, int Y), double>();
        for (int i = 1; i < points.Count; i++)
        {
            Cover(points[i - 1], points[i], thickness / 2, coverage);
        }

        foreach (((int x, int y), double covered) in coverage)
        {
            Blend(x, y, colour, covered);
        }
    }

    /// <summary>The finished sheet. The canvas must not be drawn on any more.</summary>
    public Rgb8Image ToImage() => new(Width, Height, _pixels);

    private void Cover(
        (double X, double Y) from, (double X, double Y) to, double radius, Dictionary<(int X, int Y), double> coverage)
    {
        (double dx, double dy) = (to.X - from.X, to.Y - from.Y);
        double square = (dx * dx) + (dy * dy);
        double reach = radius + 1;
        int left = Math.Max(0, (int)Math.Floor(Math.Min(from.X, to.X) - reach));
        int right = Math.Min(Width - 1, (int)Math.Ceiling(Math.Max(from.X, to.X) + reach));
        int top = Math.Max(0, (int)Math.Floor(Math.Min(from.Y, to.Y) - reach));
        int bottom = Math.Min(Height - 1, (int)Math.Ceiling(Math.Max(from.Y, to.Y) + reach));
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                (double px, double py) = (x + 0.5 - from.X, y + 0.5 - from.Y);
                double along = square == 0 ? 0 : Math.Clamp(((px * dx) + (py * dy)) / square, 0, 1);
                double distance = Math.Sqrt(Math.Pow(px - (along * dx), 2) + Math.Pow(py - (along * dy), 2));
                double covered = Math.Clamp(radius + 0.5 - distance, 0, 1);
                if (covered > coverage.GetValueOrDefault((x, y)))
                {
                    coverage[(x, y)] = covered;
                }
            }
        }
    }

    private void Blend(int x, int y, Colour colour, double opacity)
    {
        Span<byte> pixel = _pixels.AsSpan(Offset(x, y), 3);
        Colour mixed = new Colour(pixel[0], pixel[1], pixel[2]).Towards(colour, opacity);
        (pixel[0], pixel[1], pixel[2]) = (mixed.Red, mixed.Green, mixed.Blue);
    }

    private int Offset(int column, int row) => ((row * Width) + column) * 3;
}
