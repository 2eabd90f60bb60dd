using System.Globalization;
using Subband.Imaging;

namespace Subband.Data;

/// <summary>
/// Images that are drawn when they are read, without end: <c>synthetic:leaves</c>, dead-leaves images, with the settings
/// <c>size=64</c> or <c>size=96x64</c> (width by height) and <c>seed=1</c>.
/// </summary>
internal sealed class SyntheticSource : IImageSource
{
    /// <summary>What the names of synthetic sources begin with.</summary>
    public const string Prefix = "synthetic:";

    /// <summary>The name of the dead-leaves source.</summary>
    public const string Leaves = Prefix + "leaves";

    private const int MinSide = 4;

    private readonly DeadLeaves _leaves;

    private SyntheticSource(int width, int height, ulong seed)
    {
        _leaves = new DeadLeaves(height, width, seed);
        string size = width == height ? $"{width}" : $"{width}x{height}";
        Name = string.Create(CultureInfo.InvariantCulture, $"{Leaves}#size={size},seed={seed}");
    }

    public string Name { get; }

    public long? Count => null;

    public IReadOnlyList<string> Classes => [];

    public IReadOnlyList<string> Splits => [];

    public IReadOnlyList<RefusedItem> Refused => [];

    public string Fingerprint
    {
        get
        {
            using FingerprintBuilder builder = new();
            return builder.Add(Name).Add(Read(0).Pixels).Finish();
        }
    }

    /// <summary>Opens a synthetic source.</summary>
    /// <exception cref="UsageException">There is none of that name, or a setting is wrong.</exception>
    public static SyntheticSource Open(SourceSpec spec)
    {
        if (spec.Place != Leaves)
        {
            throw UsageException.UnknownName("synthetic source called", spec.Place, [Leaves]);
        }

        spec.Allow(["size", "seed", .. SelectedSource.Keys]);
        (int width, int height) = Size(spec);
        return new SyntheticSource(width, height, (ulong)spec.Number("seed", 1, 0, long.MaxValue));
    }

    public int Label(long index) => -1;

    public int Split(long index) => -1;

    public string ItemName(long index) => string.Create(CultureInfo.InvariantCulture, $"image {index}");

    public string Format(long index) => "dead leaves";

    public Rgb8Image Read(long index) => _leaves.Render(index);

    public void Dispose()
    {
        // Nothing is held.
    }

    private static (int Width, int Height) Size(SourceSpec spec)
    {
        string text = spec.Value("size") ?? "64";
        int[] sides = [.. text.Split('x').Select(
            side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sides is [_] or [_, _] && sides.All(side => side is >= MinSide and <= DeadLeaves.MaximumSide)
            ? (sides[0], sides[^1])
            : throw new UsageException($"'size={text}' in the source '{spec.Text}' should be a side from {MinSide} to {DeadLeaves.MaximumSide}, or width x height as in 96x64.");
    }
}
