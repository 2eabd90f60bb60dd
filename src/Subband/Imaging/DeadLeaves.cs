using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// Pictures of fallen leaves: discs of all sizes that cover each other until nothing of the ground is seen. They have
/// edges, occlusion and structure at every scale as photographs do, need no data, and never end.
/// </summary>
/// <remarks>
/// <para>The model is that of Lee, Mumford and Huang, "Occlusion Models for Natural Images", IJCV 41 (2001): with
/// radii of density <c>p(r) ~ r^-3</c> between two bounds the picture looks alike at every scale between them, and its
/// power spectrum falls about as <c>1/f^2</c>, as that of photographs does. Baradad et al., "Learning to See by
/// Looking at Noise", NeurIPS 2021, train vision networks on such pictures. For the colours see <see cref="LeafPalette"/>.</para>
/// <para>Leaves are laid from the front to the back, each only where nothing lies yet; this has the very same
/// distribution as leaves that fall for ever, and it ends. Only leaves that touch the frame are drawn: radius and place
/// come from the exact distribution of those.</para>
/// <para>Edges are smoothed over 4 x 4 samples a pixel. Picture <c>i</c> of a seed is a pure function of seed, index
/// and size. All methods may be called by many threads at once.</para>
/// </remarks>
public sealed class DeadLeaves
{
    /// <summary>The radius of the smallest leaves unless another is asked for, in pixels; there are no smaller ones.</summary>
    public const double StandardMinimumRadius = 1;

    /// <summary>The longest side of a picture, in pixels.</summary>
    public const int MaximumSide = 8192;

    private const ulong Stream = 0xDEAD1EAF;

    private readonly ulong _seed;
    private readonly double _inside;
    private readonly double _beside;
    private readonly double _atCorners;
    private readonly int _octaves;

    /// <summary>Describes an endless set of pictures.</summary>
    /// <param name="height">Height in pixels, 1 to <see cref="MaximumSide"/>.</param>
    /// <param name="width">Width in pixels, 1 to <see cref="MaximumSide"/>.</param>
    /// <param name="seed">Another seed gives other pictures.</param>
    /// <param name="minimumRadius">
    /// The radius of the smallest leaves in pixels, <see cref="StandardMinimumRadius"/> to <see cref="MaximumSide"/>; the larger, the coarser the
    /// picture's detail.
    /// </param>
    public DeadLeaves(int height, int width, ulong seed = 0, double minimumRadius = StandardMinimumRadius)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumRadius, StandardMinimumRadius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumRadius, MaximumSide);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaximumSide);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaximumSide);
        Height = height;
        Width = width;
        _seed = seed;
        MinimumRadius = minimumRadius;
        MaximumRadius = Math.Max(2 * MinimumRadius, Math.Max(width, height) / 2.0);
        while (MinimumRadius * (1 << _octaves) < MaximumRadius)
        {
            _octaves++;
        }

        // A leaf of radius r touches the frame if its centre lies in the frame, in a strip of width r along a side, or
        // in a quarter disc of radius r at a corner: w h + 2 (w + h) r + pi r². These areas times r^-3, integrated:
        double low = MinimumRadius;
        double high = MaximumRadius;
        _inside = (double)width * height * ((1 / (low * low)) - (1 / (high * high))) / 2;
        _beside = 2.0 * (width + height) * ((1 / low) - (1 / high));
        _atCorners = Math.PI * Math.Log(high / low);
    }

    /// <summary>Height of the pictures in pixels.</summary>
    public int Height { get; }

    /// <summary>Width of the pictures in pixels.</summary>
    public int Width { get; }

    /// <summary>The radius of the smallest leaves, in pixels.</summary>
    public double MinimumRadius { get; }

    /// <summary>The radius of the largest leaves, in pixels: half the longer side, and at least twice that of the smallest.</summary>
    public double MaximumRadius { get; }

    /// <summary>Draws a picture.</summary>
    /// <param name="index">Which one, from 0 on.</param>
    public Rgb8Image Render(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var random = SeededRandom.For(_seed, Stream, (ulong)index);
        var palette = new LeafPalette(random);
        var ground = new LeafGround(Height, Width);
        while (!ground.IsCovered)
        {
            ground.Lay(NextLeaf(random), palette.NextColour(random));
        }

        return ground.ToImage();
    }

    /// <summary>A leaf that touches the frame.</summary>
    internal Leaf NextLeaf(SeededRandom random)
    {
        double which = random.NextDouble() * (_inside + _beside + _atCorners);
        return which < _inside ? LeafInside(random)
            : which < _inside + _beside ? LeafBeside(random)
            : LeafAtCorner(random);
    }

    // Density r^-3, by the inverse of its distribution function.
    private Leaf LeafInside(SeededRandom random)
    {
        double low = 1 / (MinimumRadius * MinimumRadius);
        double high = 1 / (MaximumRadius * MaximumRadius);
        double radius = 1 / Math.Sqrt(low - (random.NextDouble() * (low - high)));
        return new Leaf(random.NextDouble() * Width, random.NextDouble() * Height, radius);
    }

    // Density r^-2; the centre beyond one of the four sides.
    private Leaf LeafBeside(SeededRandom random)
    {
        double low = 1 / MinimumRadius;
        double high = 1 / MaximumRadius;
        double radius = 1 / (low - (random.NextDouble() * (low - high)));
        double along = random.NextDouble() * 2 * (Width + Height);
        double away = random.NextDouble() * radius;
        return along switch
        {
            _ when along < Width => new Leaf(along, -away, radius),
            _ when along < 2 * Width => new Leaf(along - Width, Height + away, radius),
            _ when along < (2 * Width) + Height => new Leaf(-away, along - (2 * Width), radius),
            _ => new Leaf(Width + away, along - (2 * Width) - Height, radius),
        };
    }

    // Density r^-1: a random octave, and in it rejection, so that the result does not hang on a system's logarithm.
    // The centre: a point of a disc of radius r whose four quarters are moved to the corners of the frame.
    private Leaf LeafAtCorner(SeededRandom random)
    {
        double radius;
        double part;
        do
        {
            part = 1 + random.NextDouble();
            radius = MinimumRadius * (1 << random.Next(_octaves)) * part;
        }
        while (random.NextDouble() * part >= 1 || radius > MaximumRadius);

        double x;
        double y;
        do
        {
            x = (2 * random.NextDouble()) - 1;
            y = (2 * random.NextDouble()) - 1;
        }
        while ((x * x) + (y * y) > 1);

        return new Leaf((x * radius) + (x < 0 ? 0 : Width), (y * radius) + (y < 0 ? 0 : Height), radius);
    }
}

/// <summary>A disc in the plane of a picture; the frame is <c>[0,width] x [0,height]</c>.</summary>
/// <param name="X">Centre, from the left.</param>
/// <param name="Y">Centre, from the top.</param>
/// <param name="Radius">Radius in pixels.</param>
internal readonly record struct Leaf(double X, double Y, double Radius);
