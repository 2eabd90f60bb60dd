namespace Subband.Training.Augmentation;

/// <summary>
/// A map of the plane: x' = <paramref name="XX"/> x + <paramref name="XY"/> y + <paramref name="X0"/>,
/// y' = <paramref name="YX"/> x + <paramref name="YY"/> y + <paramref name="Y0"/>. Of an image it says at which point x', y' the
/// source is seen at x, y; both count in pixels from the image's centre, to the right and downwards.
/// </summary>
internal readonly record struct PlaneTransform(double XX, double XY, double X0, double YX, double YY, double Y0)
{
    /// <summary>Every point stays.</summary>
    public static PlaneTransform Identity { get; } = new(1, 0, 0, 0, 1, 0);

    /// <summary>Whether the source's pixels are shown as they are, at other places: neither axis is stretched, nor turned but by quarters.</summary>
    public bool MovesWholePixels =>
        Math.Abs(XX) + Math.Abs(XY) == 1
        && (XX == 0 || XY == 0)
        && Math.Abs(YX) == Math.Abs(XY)
        && Math.Abs(YY) == Math.Abs(XX)
        && double.IsInteger(X0)
        && double.IsInteger(Y0);

    /// <summary>Both axes multiplied.</summary>
    public static PlaneTransform Scale(double x, double y) => new(x, 0, 0, 0, y, 0);

    /// <summary>The x axis turned towards the y axis by an angle in radians.</summary>
    public static PlaneTransform Rotation(double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return new(cos, -sin, 0, sin, cos, 0);
    }

    /// <summary>The x axis turned towards the y axis by quarters of a turn, 0 to 3, without rounding.</summary>
    public static PlaneTransform QuarterTurns(int count)
    {
        var (sin, cos) = count switch
        {
            0 => (0, 1),
            1 => (1, 0),
            2 => (0, -1),
            _ => (-1, 0),
        };
        return new(cos, -sin, 0, sin, cos, 0);
    }

    /// <summary>Both coordinates moved.</summary>
    public static PlaneTransform Shift(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>First the other map, then this one.</summary>
    public PlaneTransform After(PlaneTransform first) => new(
        (XX * first.XX) + (XY * first.YX),
        (XX * first.XY) + (XY * first.YY),
        (XX * first.X0) + (XY * first.Y0) + X0,
        (YX * first.XX) + (YY * first.YX),
        (YX * first.XY) + (YY * first.YY),
        (YX * first.X0) + (YY * first.Y0) + Y0);
}
