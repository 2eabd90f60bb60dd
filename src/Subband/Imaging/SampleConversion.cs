using System.Numerics;

namespace Subband.Imaging;

/// <summary>The last step of decoding: samples of 8 or 16 bits, grey or sRGB, with or without alpha, become 8-bit RGB or RGBA.</summary>
internal static class SampleConversion
{
    /// <summary>Converts with a single rounding, half up.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>; its largest value is white and opaque.</typeparam>
    /// <param name="samples">Interleaved: grey, grey and alpha, RGB, or RGB and alpha.</param>
    /// <param name="bands">Samples a pixel, 1 to 4.</param>
    /// <param name="colour">
    /// Rgb: a transparent pixel is laid on white, in the sRGB-coded values as browsers do it. Rgba: transparency is kept, and without any,
    /// pixels are opaque.
    /// </param>
    public static byte[] To8Bits<T>(T[] samples, int bands, PixelColour colour)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int channels = colour.Channels();
        if (samples is byte[] same && bands == channels)
        {
            return same;
        }

        ulong max = ulong.CreateTruncating(T.MaxValue);
        bool grey = bands < 3;
        bool alpha = bands is 2 or 4;
        bool keeps = colour == PixelColour.Rgba;
        var pixels = new byte[checked(samples.Length / bands * channels)];
        for (int from = 0, to = 0; to < pixels.Length; from += bands, to += channels)
        {
            ulong a = alpha ? ulong.CreateTruncating(samples[from + bands - 1]) : max;
            for (int c = 0; c < 3; c++)
            {
                ulong sample = ulong.CreateTruncating(samples[from + (grey ? 0 : c)]);
                pixels[to + c] = keeps || a == max ? Scaled(sample, max) : Scaled((sample * a) + (max * (max - a)), max * max);
            }

            if (keeps)
            {
                pixels[to + 3] = Scaled(a, max);
            }
        }

        return pixels;
    }

    private static byte Scaled(ulong sample, ulong white) => (byte)(((255 * sample) + (white / 2)) / white);
}
