using Subband.Imaging;

namespace Subband.Data;

/// <summary>Brings 8-bit images to another size, for batches.</summary>
/// <remarks>
/// Separable. An axis is shrunk by the mean over the interval that each new pixel covers, with fractional weights at its
/// ends, and enlarged by linear interpolation between pixel centres, edges repeated. The horizontal pass comes first; its
/// result stays in single precision, and the end result is rounded half up.
/// </remarks>
internal static class PixelResampler
{
    /// <summary>Resizes an image and keeps a window of the result; only the window is computed.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">The width of the whole result.</param>
    /// <param name="height">The height of the whole result.</param>
    /// <param name="window">The part of the result that is wanted.</param>
    public static Rgb8Image Resize(Rgb8Image image, int width, int height, PixelWindow window)
    {
        Axis horizontal = new(image.Width, width, window.X, window.Width);
        Axis vertical = new(image.Height, height, window.Y, window.Height);
        int firstRow = vertical.Begin[0];
        int rows = vertical.Begin[^1] + vertical.Taps - firstRow;

        int stride = 3 * window.Width;
        float[] middle = new float[rows * stride]; // [rows, W, 3]
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> source = image.Pixels.AsSpan(3 * (firstRow + row) * image.Width, 3 * image.Width);
            ShrinkRow(source, horizontal, middle.AsSpan(row * stride, stride));
        }

        byte[] pixels = new byte[window.Height * stride]; // [H, W, 3]
        float[] sum = new float[stride];
        for (int y = 0; y < window.Height; y++)
        {
            Array.Clear(sum);
            for (int tap = 0; tap < vertical.Taps; tap++)
            {
                float weight = vertical.Weights[(y * vertical.Taps) + tap];
                ReadOnlySpan<float> row = middle.AsSpan((vertical.Begin[y] + tap - firstRow) * stride, stride);
                for (int i = 0; i < stride; i++)
                {
                    sum[i] += weight * row[i];
                }
            }

            for (int i = 0; i < stride; i++)
            {
                pixels[(y * stride) + i] = (byte)Math.Clamp(sum[i] + 0.5f, 0f, 255f);
            }
        }

        return new Rgb8Image(window.Width, window.Height, pixels);
    }

    private static void ShrinkRow(ReadOnlySpan<byte> source, Axis axis, Span<float> target)
    {
        for (int x = 0; x < axis.Begin.Length; x++)
        {
            (float r, float g, float b) = (0, 0, 0);
            int p = 3 * axis.Begin[x];
            for (int tap = 0; tap < axis.Taps; tap++, p += 3)
            {
                float weight = axis.Weights[(x * axis.Taps) + tap];
                r += weight * source[p];
                g += weight * source[p + 1];
                b += weight * source[p + 2];
            }

            target[3 * x] = r;
            target[(3 * x) + 1] = g;
            target[(3 * x) + 2] = b;
        }
    }

    /// <summary>For each new pixel the first old one that it takes from, and the weights of that and the following ones.</summary>
    private readonly struct Axis
    {
        public Axis(int from, int to, int begin, int count)
        {
            double ratio = (double)from / to;
            Taps = Math.Min(from, ratio > 1 ? (int)Math.Ceiling(ratio) + 1 : 2);
            Begin = new int[count];
            Weights = new float[count * Taps];
            for (int i = 0; i < count; i++)
            {
                // Shrinking takes from an interval, enlarging from the two pixels around a point.
                double low = ratio > 1 ? (begin + i) * ratio : ((begin + i + 0.5) * ratio) - 0.5;
                int first = Math.Clamp((int)Math.Floor(low), 0, from - Taps);
                Begin[i] = first;
                for (int tap = 0; tap < Taps; tap++)
                {
                    Weights[(i * Taps) + tap] = (float)(ratio > 1
                        ? Overlap(first + tap, low, low + ratio) / ratio
                        : Math.Max(0, 1 - Math.Abs(Math.Clamp(low, 0, from - 1) - (first + tap))));
                }
            }
        }

        public int Taps { get; }

        public int[] Begin { get; }

        public float[] Weights { get; }

        private static double Overlap(int pixel, double low, double high) =>
            Math.Max(0, Math.Min(pixel + 1, high) - Math.Max(pixel, low));
    }
}

/// <summary>A part of an image.</summary>
/// <param name="X">Its left column.</param>
/// <param name="Y">Its top row.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
internal readonly record struct PixelWindow(int X, int Y, int Width, int Height);
