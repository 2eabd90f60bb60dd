using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// The colours of one picture of <see cref="DeadLeaves"/>: a mean colour and a contrast of its own, around which its
/// leaves vary.
/// </summary>
/// <remarks>
/// The model is the simplest that has the first- and second-order colour statistics of photographs: sRGB-coded values,
/// along three axes close to the principal ones of natural colours (grey, blue against yellow, green against magenta:
/// Ohta, Kanade and Sakai 1980), normal along each, with one variance between pictures and one within. The numbers were
/// measured on the 50,000 training images of CIFAR-10, where correlations along these axes are below 0.21 between and
/// 0.06 within pictures.
/// </remarks>
internal sealed class LeafPalette
{
    // in levels of 0..255
    private static readonly Axes PictureMean = new(209.04, 8.07, 2.75);
    private static readonly Axes BetweenPictures = new(55.2, 21.8, 9.5);
    private static readonly Axes WithinPicture = new(90.1, 18.7, 9.1);

    private readonly Axes _mean;
    private readonly double _contrast;

    /// <summary>Draws the mean colour and the contrast of a picture.</summary>
    public LeafPalette(SeededRandom random)
    {
        _mean = PictureMean.Vary(BetweenPictures, random);
        // mean 0.96 and deviation 0.28, as measured
        _contrast = 0.47 + (0.98 * random.NextDouble());
    }

    /// <summary>The colour of a leaf.</summary>
    public (byte Red, byte Green, byte Blue) NextColour(SeededRandom random)
    {
        var spread = new Axes(
            WithinPicture.Grey * _contrast, WithinPicture.BlueYellow * _contrast, WithinPicture.GreenMagenta * _contrast);
        return _mean.Vary(spread, random).ToRgb();
    }

    // A colour along the orthonormal axes (1,1,1)/sqrt 3, (1,0,-1)/sqrt 2 and (-1,2,-1)/sqrt 6.
    private readonly record struct Axes(double Grey, double BlueYellow, double GreenMagenta)
    {
        private const double Sqrt2 = 1.4142135623730951;
        private const double Sqrt3 = 1.7320508075688772;

        public Axes Vary(Axes deviation, SeededRandom random) => new(
            Grey + (deviation.Grey * NextNormal(random)),
            BlueYellow + (deviation.BlueYellow * NextNormal(random)),
            GreenMagenta + (deviation.GreenMagenta * NextNormal(random)));

        public (byte Red, byte Green, byte Blue) ToRgb()
        {
            double grey = Grey / Sqrt3;
            double yellow = BlueYellow / Sqrt2;
            double green = GreenMagenta / (Sqrt2 * Sqrt3);
            return (Clamp(grey + yellow - green), Clamp(grey + (2 * green)), Clamp(grey - yellow - green));
        }

        private static byte Clamp(double value) => (byte)(Math.Clamp(value, 0, 255) + 0.5);

        // The sum of four uniform numbers, scaled to variance 1: near enough to normal, and free of functions that
        // differ from system to system in the last bit.
        private static double NextNormal(SeededRandom random)
        {
            ulong bits = random.NextUInt64();
            ulong sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
            return ((sum / 65535.0) - 2) * Sqrt3;
        }
    }
}
