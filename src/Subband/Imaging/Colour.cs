namespace Subband.Imaging;

/// <summary>A colour in sRGB.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>A grey.</summary>
    public static Colour Grey(byte level) => new(level, level, level);

    /// <summary>The colour a part of the way to another.</summary>
    /// <param name="other">The other.</param>
    /// <param name="part">From 0, which is this colour, to 1, which is the other.</param>
    public Colour Towards(Colour other, double part) => new(Between(Red, other.Red, part), Between(Green, other.Green, part), Between(Blue, other.Blue, part));

    private static byte Between(byte from, byte to, double part) => (byte)Math.Round(from + ((to - from) * part));
}
