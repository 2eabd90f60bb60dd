using Subband.Models;
using Subband.Torch;

namespace Subband.Tests.Evaluation;

/// <summary>A model that plays back images.</summary>
internal sealed class Playback(Func<int, ulong, Tensor> images, int side) : IImageGenerator
{
    public IReadOnlyList<string> Classes { get; init; } = [];

    public int Height => side;

    public int Width => side;

    public int PartSize => 1;

    public List<int> Labels { get; } = [];

    public Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null, long first = 0)
    {
        Labels.AddRange(labels ?? []);
        return images(count, seed);
    }

    public void Dispose()
    {
    }
}

/// <summary>A pyramid of two levels that adds noise to repeated pixels, and codes images as (x - shift) / scale.</summary>
internal sealed class NoisePyramid(double shift, double scale, IReadOnlyList<int> sides) : IPyramidGenerator
{
    public IReadOnlyList<string> Classes => [];

    public int Height => sides[0];

    public int Width => sides[0];

    public int PartSize => 1;

    public IReadOnlyList<int> Sides => sides;

    public double LogScale => 3 * Height * Width * Math.Log(scale);

    public Tensor Encode(Tensor images) => (images - shift) / scale;

    public Tensor DrawCoarsest(long count, Generator random) =>
        Encode(Tensor.Randn([count, 3, sides[^1], sides[^1]], random) * 0.3);

    public Tensor DrawFiner(int level, Tensor coarser, long count, Generator random)
    {
        using var scope = new TensorScope();
        var side = coarser.Size(2);
        var image = (coarser * scale) + shift;
        var repeated = image.Unsqueeze(3).Unsqueeze(5).Expand(1, 3, side, 2, side, 2).Reshape(1, 3, 2 * side, 2 * side);
        return scope.Keep(Encode(repeated + (Tensor.Randn([count, 3, 2 * side, 2 * side], random) * 0.2)));
    }

    public Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null, long first = 0)
    {
        using var random = new Generator(seed);
        return (Tensor.Rand([count, 3, Height, Width], random) * 2) - 1;
    }

    public void Dispose()
    {
    }
}
