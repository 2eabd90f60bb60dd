using System.Numerics;

namespace Subband.Imaging;

/// <summary>The last step of decoding: samples of 8 or 16 bits, grey or sRGB, with or without alpha, become 8-bit RGB or RGBA.</summary>
internal static class SampleConversion
{
    /// <summary>Converts with a single rounding, half up.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>; its largest value is white and opaque.</typeparam>
    /// <param name="samples">Interleaved: grey, grey and alpha, RGB, or RGB and alpha.</param>
    /// <param name="bands">Samples a pixel, 1 to 4.</param>
    /// <remarks>A transparent pixel is laid on white, in the sRGB-coded values as browsers do it.</remarks>
    public static byte[] ToRgb8<T>(T[] samples, int bands)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (samples is byte[] rgb && bands == 3)
        {
            return rgb;
        }

        ulong max = ulong.CreateTruncating(T.MaxValue);
        bool grey = bands < 3;
        bool alpha = bands is 2 or 4;
        var pixels = new byte[checked(samples.Length / bands * 3)];
        for (int from = 0, to = 0; to < pixels.Length; from += bands, to += 3)
        {
            ulong a = alpha ? ulong.CreateTruncating(samples[from + bands - 1]) : max;
            for (int c = 0; c < 3; c++)
            {
                ulong sample = ulong.CreateTruncating(samples[from + (grey ? 0 : c)]);
                pixels[to + c] = a == max
                    ? (byte)(((255 * sample) + (max / 2)) / max)
                    : (byte)(((255 * ((sample * a) + (max * (max - a)))) + (max * max / 2)) / (max * max));
            }
        }

        return pixels;
    }

    /// <summary>Converts with a single rounding, half up, and keeps transparency; without any, pixels are opaque.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>; its largest value is white and opaque.</typeparam>
    /// <param name="samples">Interleaved: grey, grey and alpha, RGB, or RGB and alpha.</param>
    /// <param name="bands">Samples a pixel, 1 to 4.</param>
    public static byte[] ToRgba8<T>(T[] samples, int bands)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (samples is byte[] rgba && bands == 4)
        {
            return rgba;
        }

        ulong max = ulong.CreateTruncating(T.MaxValue);
        bool grey = bands < 3;
        bool alpha = bands is 2 or 4;
        var pixels = new byte[checked(samples.Length / bands * 4)];
        for (int from = 0, to = 0; to < pixels.Length; from += bands, to += 4)
        {
            for (int c = 0; c < 3; c++)
            {
                pixels[to + c] = Scaled(samples[from + (grey ? 0 : c)]);
            }

            pixels[to + 3] = alpha ? Scaled(samples[from + bands - 1]) : byte.MaxValue;
        }

        return pixels;

        byte Scaled(T sample) => (byte)(((255 * ulong.CreateTruncating(sample)) + (max / 2)) / max);
    }
}
