namespace Subband.Torch;

/// <summary>
/// An image on its way through a network depth first: a few of its rows go through all layers, then the next few. What lies between the
/// layers stays in the processor's cache, and an image of any height takes the memory of those few rows.
/// </summary>
/// <remarks>
/// <para>
/// Within <see cref="Enter"/>, a network on this thread takes the image that it is given for the next rows, and returns the rows that
/// are complete by now; they are those that it would make of the whole. For that, a layer that looks at a pixel's neighbours remembers the
/// last rows that it saw (<see cref="Around"/>), and where images meet that went through different layers, the one that is further on
/// waits (<see cref="Aligned"/>). Whoever remembers is known by its place in the order of the network's steps, which
/// therefore has to be the same for all rows.
/// </para>
/// <para>Layers that look at the whole image, such as channel attention, cannot take part.</para>
/// </remarks>
internal sealed class RowWalk : IDisposable
{
    [ThreadStatic]
    private static RowWalk? _current;

    private readonly List<Memory> _memories = [];
    private int _asked;

    /// <summary>The walk that this thread's layers take part in; null for whole images.</summary>
    public static RowWalk? Current => _current;

    /// <summary>Whether the rows that go through now are the image's last.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Brings images together that meet in a network: rows that all of them have.</summary>
    /// <param name="images">Each [N, C, H, W]; of equal N and W, and outside of a walk H.</param>
    public static Tensor[] Aligned(params Tensor[] images) => [.. InStep(images).Select(block => block.Joined())];

    /// <summary>The sum of two images that may be at different rows.</summary>
    public static Tensor Sum(Tensor a, Tensor b)
    {
        using TensorScope scope = new();
        Tensor[] aligned = Aligned(a, b);
        return scope.Keep(aligned[0] + aligned[1]);
    }

    /// <summary>Images that may be at different rows, channels beside channels.</summary>
    public static Tensor Beside(params Tensor[] images)
    {
        using TensorScope scope = new();
        return scope.Keep(_current is null ? Tensor.Cat(images, 1) : RowBlock.Beside(InStep(images)));
    }

    /// <summary><see cref="Aligned"/>, but that rows which waited may lie in a tensor of their own.</summary>
    public static RowBlock[] InStep(params Tensor[] images)
    {
        if (_current is not { } walk)
        {
            return [.. images.Select(image => new RowBlock(image))];
        }

        Memory[] memories = [.. images.Select(_ => walk.Next())];
        RowBlock[] blocks = [.. images.Zip(memories, (image, memory) => memory.With(image))];
        long common = blocks.Min(block => block.Count);
        return [.. blocks.Zip(memories, (block, memory) => memory.Take(block, common))];
    }

    /// <summary>Lets the layers on this thread take part until what it returns is disposed.</summary>
    /// <param name="isLast">Whether the rows that follow are the image's last.</param>
    public Step Enter(bool isLast)
    {
        if (IsLast)
        {
            throw new InvalidOperationException("The last rows have gone through; another image needs another walk.");
        }

        return new Step(this, isLast);
    }

    /// <summary>Computes a layer whose every row depends on some rows above and below.</summary>
    /// <param name="x">[N, C, h, W], the next rows.</param>
    /// <param name="reach">How many rows above and how many below.</param>
    /// <param name="factor">New rows for one; more than 1 for an enlargement.</param>
    /// <param name="compute">
    /// Computes the rows that have <paramref name="reach"/> neighbours above and below, or the image's edge; or all rows.
    /// </param>
    /// <param name="plus">An image that is added to the result, its next rows; or null.</param>
    /// <param name="tryWithPlus">Computes the same with that image added to it; or says null, and it is added afterwards.</param>
    /// <returns>[N, C', h', W'], the rows whose neighbours are known now; h' may be 0.</returns>
    public Tensor Around(
        Tensor x,
        long reach,
        int factor,
        Func<RowBlock, Tensor> compute,
        Tensor? plus = null,
        Func<RowBlock, RowBlock, Tensor?>? tryWithPlus = null)
    {
        using TensorScope scope = new();
        Memory memory = Next();
        RowBlock seen = memory.With(x);
        long first = memory.First;
        long end = first + seen.Count;
        long from = memory.Done;
        long to = IsLast ? end : Math.Max(from, end - reach);
        bool isNone = to == from;

        // What results look like where there are none yet, the layer says of one row.
        RowBlock block = isNone ? new RowBlock(Tensor.Zeros([x.Size(0), x.Size(1), 1, x.Size(3)]).To(x.Device).To(x.DType))
            : seen with { Begins = from < reach, Ends = IsLast };
        RowBlock? added = plus is null ? null : Take(plus, (to - from) * factor);
        bool isWanted = !isNone && (from == 0 || from >= reach); // all that the layer makes; near the beginning it makes rows again
        Tensor result = (added is { } rows && isWanted ? tryWithPlus?.Invoke(block, rows) : null) ?? Wanted(compute(block), added);
        memory.Done = to;
        memory.Keep(seen, end - Math.Max(first, to - reach));
        return scope.Keep(result);

        Tensor Wanted(Tensor computed, RowBlock? plus)
        {
            long count = (to - from) * factor;
            Tensor wanted = computed.Size(RowBlock.Dimension) == count ? computed
                : computed.Narrow(RowBlock.Dimension, isNone ? 0 : (from - first) * factor, count);
            return plus is { } rows ? wanted + rows.Joined() : wanted;
        }
    }

    /// <summary>What the next place in the network's order of steps remembers.</summary>
    public Memory Next()
    {
        if (_asked == _memories.Count)
        {
            _memories.Add(new Memory());
        }

        return _memories[_asked++];
    }

    /// <summary>Frees what the layers remember.</summary>
    public void Dispose() => _memories.ForEach(memory => memory.Dispose());

    private RowBlock Take(Tensor next, long count)
    {
        Memory memory = Next();
        return memory.Take(memory.With(next), count);
    }

    /// <summary>A part of the walk, on the thread that began it.</summary>
    public readonly ref struct Step
    {
        private readonly RowWalk? _outer;

        internal Step(RowWalk walk, bool isLast)
        {
            _outer = _current;
            (walk._asked, walk.IsLast) = (0, isLast);
            _current = walk;
        }

        /// <summary>Ends it.</summary>
        public void Dispose() => _current = _outer;
    }

    /// <summary>The rows that one place in a network still needs.</summary>
    public sealed class Memory : IDisposable
    {
        /// <summary>They, or null for none.</summary>
        public Tensor? Rows { get; private set; }

        /// <summary>The number of the first of them.</summary>
        public long First { get; private set; }

        /// <summary>How many rows of results were made.</summary>
        public long Done { get; set; }

        /// <summary>They, and the next behind them.</summary>
        public RowBlock With(Tensor next) => Rows is null ? new RowBlock(next)
            : next.Size(RowBlock.Dimension) == 0 ? new RowBlock(Rows)
            : new RowBlock(next, Rows);

        /// <summary>The first of all, while the others are kept.</summary>
        public RowBlock Take(RowBlock all, long count)
        {
            RowBlock taken = all.Slice(0, count);
            Keep(all, all.Count - count);
            return taken;
        }

        /// <summary>Keeps the last of all, and forgets the others.</summary>
        public void Keep(RowBlock all, long count)
        {
            First += all.Count - count;
            Tensor? rows = count == 0 ? null : TensorScope.Release(all.Last(count));
            Rows?.Dispose();
            Rows = rows;
        }

        /// <summary>Frees them.</summary>
        public void Dispose() => Rows?.Dispose();
    }
}
