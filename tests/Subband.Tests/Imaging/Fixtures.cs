using NetVips;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>Pictures with known pixels, encoded by libvips.</summary>
internal static class Fixtures
{
    /// <summary>Smooth colours, so that lossy formats keep them, with one noisy block, so that files have some length.</summary>
    public static Rgb8Image Pattern(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        uint noise = 1;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool noisy = width >= 64 && x is >= 24 and < 40 && y is >= 24 and < 40;
                for (int c = 0; c < 3; c++)
                {
                    noise = (noise * 1664525) + 1013904223;
                    int smooth = c switch { 0 => x * 255 / width, 1 => y * 255 / height, _ => 255 - (x * 255 / width) };
                    pixels[(((y * width) + x) * 3) + c] = (byte)(noisy ? noise >> 24 : (uint)smooth);
                }
            }
        }

        return new Rgb8Image(width, height, pixels);
    }

    /// <summary>Encodes with libvips; the format is a suffix with options, such as <c>.tif[compression=lzw]</c>.</summary>
    public static byte[] Encode(Rgb8Image image, string format)
    {
        _ = ImageFile.IsAvailable(out _);
        using Image vips = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        using Image srgb = vips.Copy(interpretation: Enums.Interpretation.Srgb);
        return srgb.WriteToBuffer(format);
    }
}

/// <summary>Tests that call NetVips themselves, past the lock that keeps libvips' error texts apart; they run one after the other.</summary>
[CollectionDefinition(nameof(DirectVipsUse), DisableParallelization = true)]
public sealed class DirectVipsUse;
