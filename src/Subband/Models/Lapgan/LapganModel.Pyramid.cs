using Subband.Torch;

namespace Subband.Models.Lapgan;

/// <content>Its levels one by one, for multi-scale measures.</content>
public sealed partial class LapganModel : IPyramidGenerator
{
    /// <inheritdoc/>
    public IReadOnlyList<int> Sides => _settings.Pyramid.Sizes;

    /// <inheritdoc/>
    public double LogScale => _standardization?.LogDeviation ?? 0;

    /// <inheritdoc/>
    public Tensor Encode(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = new TensorScope();
        var placed = images.To(_device);
        return scope.Keep(_standardization?.Apply(placed) ?? placed.Clone());
    }

    /// <inheritdoc/>
    public Tensor DrawCoarsest(long count, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var generator = _generators[^1];
        generator.Evaluate();
        var parts = new List<Tensor>();
        for (var start = 0L; start < count; start += PartSize)
        {
            using var inner = new TensorScope();
            var size = Math.Min(PartSize, count - start);
            var classes = AnyClasses(size, random)?.OneHot(Classes.Count).To(DType.Float32).To(_device);
            parts.Add(inner.Keep(generator.Forward(generator.Noise(size, random).To(_device), null, classes)));
        }

        return scope.Keep(Tensor.Cat([.. parts]));
    }

    /// <inheritdoc/>
    public Tensor DrawFiner(int level, Tensor coarser, long count, Generator random)
    {
        ArgumentNullException.ThrowIfNull(coarser);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        RequireLevel(level);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var side = _settings.Pyramid.Sizes[level];
        var lowPass = _pyramid.Up(coarser.To(_device), side, side).Expand(count, -1, -1, -1); // l_k [N, 3, F, F]
        return scope.Keep(lowPass + DrawBand(level, lowPass, random, AnyClasses(count, random)));
    }

    private Tensor? AnyClasses(long count, Generator random) =>
        Classes.Count == 0 ? null : Tensor.RandInt(0, Classes.Count, [count], random);
}
