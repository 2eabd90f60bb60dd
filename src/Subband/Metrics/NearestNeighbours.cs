using Subband.Torch;

namespace Subband.Metrics;

/// <summary>An image that is near another.</summary>
/// <param name="Item">The number under which it was given.</param>
/// <param name="Distance">The root mean square difference of the values, in their units.</param>
/// <param name="IsMirrored">Whether it is nearer when it is mirrored left to right; the distance is then to its mirror image.</param>
public readonly record struct Neighbour(long Item, double Distance, bool IsMirrored);

/// <summary>
/// Finds the images nearest to some queries by the Euclidean distance of the pixels: whether a model's samples are copies
/// of training images.
/// </summary>
/// <remarks>
/// Images are compared as they are and mirrored, since training often mirrors them. A far pixel neighbour does not prove
/// that nothing was copied (a shift by a pixel hides it), but a near one proves that something was. Distances are matrix
/// products in float64, |x − y|² = |x|² + |y|² − 2 x·y, block by block, so that memory does not grow with the images.
/// </remarks>
public sealed class NearestNeighbours : IDisposable
{
    private const long Block = 512;

    private readonly Tensor _queries; // [2Q, D]: the queries, then the queries mirrored
    private readonly Tensor _squares; // [2Q, 1]
    private readonly long[] _shape;
    private readonly int _count;
    private readonly List<Neighbour>[] _nearest;

    /// <summary>Sets up a search.</summary>
    /// <param name="queries">[Q, C, H, W], bytes or any floating type, on the CPU.</param>
    /// <param name="count">How many neighbours each query gets, at least 1.</param>
    public NearestNeighbours(Tensor queries, int count)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        RequireImages(queries);
        _shape = [.. queries.Shape[1..]];
        _count = count;
        _nearest = [.. Enumerable.Range(0, (int)queries.Size(0)).Select(_ => new List<Neighbour>(count + 1))];
        using var scope = new TensorScope();
        var values = queries.To(DType.Float64);
        _queries = TensorScope.Release(Tensor.Cat([values, values.Flip(3)]).Flatten());
        _squares = TensorScope.Release(_queries.Square().Sum([1], keep: true));
    }

    /// <summary>The neighbours of each query found so far, the nearest first; equally near ones in the order in which they came.</summary>
    public IReadOnlyList<IReadOnlyList<Neighbour>> Nearest => _nearest;

    /// <summary>Looks at some images.</summary>
    /// <param name="images">[N, C, H, W], of the queries' size and units.</param>
    /// <param name="items">The number of each.</param>
    /// <exception cref="TensorShapeException">The images are of another size than the queries.</exception>
    public void Add(Tensor images, IReadOnlyList<long> items)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(items);
        RequireLike(images, items);
        using var noGrad = Autograd.NoGrad();
        for (var start = 0L; start < images.Size(0); start += Block)
        {
            using var scope = new TensorScope();
            var length = Math.Min(Block, images.Size(0) - start);
            var block = images.Narrow(0, start, length).To(DType.Float64).Flatten(); // [n, D]
            var squared = _queries.MatMul(block.Transpose()).MulInPlace(-2)
                .AddInPlace(_squares)
                .AddInPlace(block.Square().Sum([1]))
                .ClampInPlace(0, null); // [2Q, n]
            Offer(squared.DivInPlace(_queries.Size(1)).SqrtInPlace().ToArray<double>(), (int)length, i => items[(int)start + i]);
        }
    }

    /// <summary>Frees the queries.</summary>
    public void Dispose()
    {
        _queries.Dispose();
        _squares.Dispose();
    }

    private void Offer(double[] distances, int length, Func<int, long> item)
    {
        var half = _nearest.Length * length;
        for (var q = 0; q < _nearest.Length; q++)
        {
            for (var i = 0; i < length; i++)
            {
                var (plain, mirrored) = (distances[(q * length) + i], distances[half + (q * length) + i]);
                Offer(_nearest[q], new Neighbour(item(i), Math.Min(plain, mirrored), mirrored < plain));
            }
        }
    }

    private void Offer(List<Neighbour> nearest, Neighbour candidate)
    {
        if (nearest.Count == _count && candidate.Distance >= nearest[^1].Distance)
        {
            return;
        }

        var place = nearest.FindIndex(known => candidate.Distance < known.Distance);
        nearest.Insert(place < 0 ? nearest.Count : place, candidate);
        if (nearest.Count > _count)
        {
            nearest.RemoveAt(_count);
        }
    }

    private static void RequireImages(Tensor queries)
    {
        if (queries.Dimensions != 4 || queries.Count == 0)
        {
            throw new TensorShapeException(
                $"Nearest neighbours: queries [Q, C, H, W] were expected, the tensor is {queries}.", nameof(NearestNeighbours));
        }
    }

    private void RequireLike(Tensor images, IReadOnlyList<long> items)
    {
        if (images.Dimensions != 4 || !images.Shape[1..].SequenceEqual(_shape) || images.Size(0) != items.Count)
        {
            throw new TensorShapeException(
                $"Nearest neighbours: {items.Count} images [N, {string.Join(", ", _shape)}] were expected, the tensor is {images}.",
                nameof(NearestNeighbours));
        }
    }
}
