using System.Numerics;
using System.Runtime.InteropServices;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>Pixels on their way from rows to a model and back.</summary>
/// <remarks>Grey pictures are given as three equal channels, and become grey by the weights of BT.601.</remarks>
internal static class ModelPixels
{
    private const int Colours = 3;

    /// <summary>The numbers of the pixels that are seen along an axis, beyond whose ends the image is mirrored.</summary>
    /// <param name="first">Where to begin; may be negative.</param>
    /// <param name="length">How many.</param>
    /// <param name="count">How many pixels there are.</param>
    public static int[] Mirrored(int first, int length, int count)
    {
        int[] seen = new int[length];
        for (int i = 0; i < length; i++)
        {
            seen[i] = MirrorImage.Pixel(first + i, count);
        }

        return seen;
    }

    /// <summary>Some pixels as a model takes them; beyond the sides the image is mirrored.</summary>
    /// <param name="rows">[H, W, C], C being 1 or 3.</param>
    /// <param name="width">W.</param>
    /// <param name="channels">C.</param>
    /// <param name="left">The first column to take; may be negative.</param>
    /// <param name="right">One behind the last column to take; may be greater than W.</param>
    /// <param name="rowsSeen">The rows to take.</param>
    /// <returns>[rows taken, columns taken, 3].</returns>
    public static float[] Seen(ReadOnlySpan<float> rows, int width, int channels, int left, int right, int[] rowsSeen)
    {
        int rowLength = (right - left) * Colours;
        float[] seen = GC.AllocateUninitializedArray<float>(rowsSeen.Length * rowLength);
        (int begin, int end) = (Math.Max(left, 0), Math.Min(right, width));
        for (int y = 0; y < rowsSeen.Length; y++)
        {
            ReadOnlySpan<float> row = rows.Slice(rowsSeen[y] * width * channels, width * channels);
            Span<float> to = seen.AsSpan(y * rowLength, rowLength);
            Put(row, to, left, begin);
            Put(row, to, end, right);
            if (channels == Colours)
            {
                row[(begin * Colours)..(end * Colours)].CopyTo(to[((begin - left) * Colours)..]);
            }
            else
            {
                Put(row, to, begin, end);
            }
        }

        return seen;

        void Put(ReadOnlySpan<float> row, Span<float> to, int from, int behind)
        {
            for (int x = from; x < behind; x++)
            {
                int at = MirrorImage.Pixel(x, width) * channels;
                for (int c = 0; c < Colours; c++)
                {
                    to[((x - left) * Colours) + c] = row[at + (channels == 1 ? 0 : c)];
                }
            }
        }
    }

    /// <summary>The brightness of a colour.</summary>
    public static float Grey(float red, float green, float blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);

    /// <summary>Whether all are numbers, and none is infinite.</summary>
    public static bool AreFinite(ReadOnlySpan<float> values)
    {
        // 0 times a value is 0 if the value is finite, and else no number
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> sums = default;
        foreach (Vector<float> vector in vectors)
        {
            sums += vector * 0;
        }

        float sum = Vector.Sum(sums);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            sum += value * 0;
        }

        return sum == 0;
    }

    /// <summary>What is said where a model fails in single precision.</summary>
    public static SubbandException NotFinite(UpscalingModel model) => new(
        $"The model {model.Name} makes values that are no finite numbers, in single precision too; it is damaged or was not trained well.");
}
