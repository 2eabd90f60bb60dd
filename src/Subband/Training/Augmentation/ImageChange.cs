using Groups = Subband.Training.Augmentation.AugmentationGroups;

namespace Subband.Training.Augmentation;

/// <summary>What happens to one image.</summary>
/// <param name="Map">Where its pixels come from.</param>
/// <param name="Colour">What becomes of its colours.</param>
/// <param name="BandGains">What its bands are multiplied by, see <see cref="OctaveFilter"/>.</param>
/// <param name="Noise">The deviation of the noise that is added to it.</param>
/// <param name="Hole">The centre of what is cut out, in widths and heights from the left and upper edge; null for nothing.</param>
internal sealed record ImageChange(PlaneTransform Map, ColourChange Colour, double[] BandGains, double Noise, (double X, double Y)? Hole)
{
    /// <summary>How many uniform numbers <see cref="Of"/> takes: whether each of 19 changes comes about, and 10 of how large they are.</summary>
    public const int Uniforms = 29;

    /// <summary>How many normal numbers it takes.</summary>
    public const int Normals = 12;

    /// <summary>Draws what happens to an image.</summary>
    /// <param name="draw">Its random numbers; all are taken, whatever comes about.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="width">The image's width.</param>
    /// <remarks>
    /// The changes, their order and how large they are: appendix B of Karras et al. 2020, and <c>training/augment.py</c> of
    /// NVlabs/stylegan2-ada-pytorch. One that comes about may still change nothing, as every other exchange of left and right and
    /// every fourth turn.
    /// </remarks>
    public static ImageChange Of(ChangeDraw draw, int height, int width) => new(
        MapOf(draw, height, width),
        ColourOf(draw),
        BandGainsOf(draw),
        draw.Maybe(Groups.Noise, Math.Abs(draw.Normal(0.1)), 0),
        draw.Maybe<(double X, double Y)?>(Groups.Cutout, (draw.Uniform(), draw.Uniform()), null));

    // A map says where pixels come from, so that each step is the inverse of what is seen, and the last one comes first.
    private static PlaneTransform MapOf(ChangeDraw draw, int height, int width)
    {
        var none = PlaneTransform.Identity;

        // Of two rotations at least one comes about with the strength.
        var rotation = 1 - Math.Sqrt(1 - draw.Strength);
        PlaneTransform Shift(double x, double y) => PlaneTransform.Shift(-x * width, -y * height);
        PlaneTransform WholeShift(double x, double y) => PlaneTransform.Shift(-Math.Round(x * width), -Math.Round(y * height));
        PlaneTransform Scale(double factor) => PlaneTransform.Scale(1 / factor, 1 / factor);
        PlaneTransform Stretch(double factor) => PlaneTransform.Scale(1 / factor, factor);
        PlaneTransform[] steps =
        [
            draw.Maybe(Groups.Blit, PlaneTransform.Scale(draw.Uniform() < 0.5 ? 1 : -1, 1), none),
            draw.Maybe(Groups.Blit, PlaneTransform.QuarterTurns((int)(4 * draw.Uniform())), none),
            draw.Maybe(Groups.Blit, WholeShift(draw.Signed() / 8, draw.Signed() / 8), none),
            draw.Maybe(Groups.Geometry, Scale(draw.Factor(0.2)), none),
            draw.Maybe(Groups.Geometry, PlaneTransform.Rotation(Math.PI * draw.Signed()), none, rotation),
            draw.Maybe(Groups.Geometry, Stretch(draw.Factor(0.2)), none),
            draw.Maybe(Groups.Geometry, PlaneTransform.Rotation(Math.PI * draw.Signed()), none, rotation),
            draw.Maybe(Groups.Geometry, Shift(draw.Normal(0.125), draw.Normal(0.125)), none),
        ];
        return steps.Aggregate((outer, inner) => outer.After(inner));
    }

    private static ColourChange ColourOf(ChangeDraw draw)
    {
        var brightness = draw.Maybe(Groups.Colour, draw.Normal(0.2), 0);
        var contrast = draw.Maybe(Groups.Colour, draw.Factor(0.5), 1);
        var sign = draw.Maybe(Groups.Colour, draw.Uniform() < 0.5 ? 1 : -1, 1);
        var hue = draw.Maybe(Groups.Colour, Math.PI * draw.Signed(), 0);
        var saturation = draw.Maybe(Groups.Colour, draw.Factor(1), 1);
        return new(sign * contrast, contrast * saturation, hue, sign * contrast * brightness);
    }

    private static double[] BandGainsOf(ChangeDraw draw)
    {
        var gains = Enumerable.Repeat(1.0, OctaveFilter.Bands).ToArray();
        for (var band = 0; band < OctaveFilter.Bands; band++)
        {
            OctaveFilter.Multiply(gains, band, draw.Maybe(Groups.Filter, draw.Factor(1), 1));
        }

        return gains;
    }
}
