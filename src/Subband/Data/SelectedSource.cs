using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>The part of a source that its selectors <c>split</c>, <c>class</c> and <c>take</c> choose.</summary>
/// <remarks>
/// Only the chosen classes remain, in the order of the whole source and numbered anew from 0; so do the splits. A source
/// without end can only be cut by <c>take</c>.
/// </remarks>
internal sealed class SelectedSource : IImageSource
{
    /// <summary>The selectors that every kind of source has.</summary>
    public static readonly IReadOnlyList<string> Keys = ["split", "class", "take"];

    // Shuffling and surveys keep a few numbers for each image: for more than these there would be no memory.
    private const long MaxOfEndless = 100_000_000;

    private readonly IImageSource _whole;
    private readonly Func<long, long> _indexInWhole;
    private readonly int[] _newLabel;
    private readonly int[] _newSplit;

    private SelectedSource(
        IImageSource whole, string name, long count, Func<long, long> indexInWhole, string[] classes, string[] splits)
    {
        _whole = whole;
        _indexInWhole = indexInWhole;
        _newLabel = [.. whole.Classes.Select(c => Array.IndexOf(classes, c))];
        _newSplit = [.. whole.Splits.Select(s => Array.IndexOf(splits, s))];
        Name = name;
        Count = count;
        Classes = classes;
        Splits = splits;
    }

    public string Name { get; }

    public long? Count { get; }

    public IReadOnlyList<string> Classes { get; }

    public string? LabelsFrom => _whole.LabelsFrom;

    public IReadOnlyList<string> Splits { get; }

    public IReadOnlyList<RefusedItem> Refused => _whole.Refused;

    public string Fingerprint
    {
        get
        {
            using FingerprintBuilder builder = new();
            return builder.Add(_whole.Fingerprint).Add(Name[Name.LastIndexOf('#')..]).Finish();
        }
    }

    /// <summary>Applies the selectors; a source without any is returned as it is.</summary>
    /// <param name="whole">The source; the returned one owns it.</param>
    /// <param name="spec">The selectors.</param>
    /// <param name="defaultSplit">The split to take where none is named and the source has it; null: all.</param>
    /// <exception cref="UsageException">A split or class does not exist, or too much is taken of a source without end.</exception>
    /// <exception cref="SubbandException">Nothing is chosen.</exception>
    public static IImageSource Apply(IImageSource whole, SourceSpec spec, string? defaultSplit)
    {
        string[]? splits = Choose("split", spec.Names("split"), whole.Splits, whole.Name);
        string[]? classes = Choose("class", spec.Names("class"), whole.Classes, whole.Name);
        TakeRange? take = spec.Value("take") is string text ? TakeRange.Parse(text) : null;
        if (splits is null && defaultSplit is not null && whole.Splits.Contains(defaultSplit))
        {
            splits = [defaultSplit];
        }

        if (splits is null && classes is null && take is null)
        {
            return whole;
        }

        string name = CanonicalName(whole.Name, splits, classes, take);
        string[] keptClasses = classes ?? [.. whole.Classes];
        string[] keptSplits = splits ?? [.. whole.Splits];
        if (whole.Count is not long total)
        {
            TakeRange range = OfEndless(whole, take);
            return new SelectedSource(whole, name, range.To - range.From, i => range.From + i, keptClasses, keptSplits);
        }

        long[] chosen = Select(whole, total, splits, classes, take);
        return chosen.Length > 0
            ? new SelectedSource(whole, name, chosen.Length, i => chosen[i], keptClasses, keptSplits)
            : throw new SubbandException($"No image of {whole.Name} is chosen by '{name[(name.LastIndexOf('#') + 1)..]}'; there are {total} in all.");
    }

    public int Label(long index) => _whole.Label(At(index)) is >= 0 and int label ? _newLabel[label] : -1;

    public int Split(long index) => _whole.Split(At(index)) is >= 0 and int split ? _newSplit[split] : -1;

    public string ItemName(long index) => _whole.ItemName(At(index));

    public string Format(long index) => _whole.Format(At(index));

    public Rgb8Image Read(long index) => _whole.Read(At(index));

    public Image8 ReadWithAlpha(long index) => _whole.ReadWithAlpha(At(index));

    public void Dispose() => _whole.Dispose();

    private long At(long index) => index >= 0 && index < Count
        ? _indexInWhole(index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has the images 0 to {Count - 1}.");

    private static string[]? Choose(string kind, IReadOnlyList<string>? wanted, IReadOnlyList<string> known, string source)
    {
        if (wanted is null)
        {
            return null;
        }

        foreach (string name in wanted.Where(name => !known.Contains(name)))
        {
            throw known.Count == 0
                ? new UsageException($"{source} is not divided into {(kind == "class" ? "classes" : "splits")}, so that {kind}={name} chooses nothing.")
                : UsageException.UnknownName($"{kind} in {source} called", name, known);
        }

        return [.. known.Where(wanted.Contains)];
    }

    private static TakeRange OfEndless(IImageSource whole, TakeRange? take)
    {
        if (take is not TakeRange { To: < long.MaxValue } range)
        {
            throw new UsageException($"{whole.Name} has no end, so that take needs an upper end, as in take=0..10000.");
        }

        long count = range.To - range.From;
        return count <= MaxOfEndless
            ? range
            : throw new UsageException($"take={range} chooses {count} images, but of {whole.Name} at most {MaxOfEndless} can be taken; "
                + "take fewer, or leave take off for images without end.");
    }

    private static long[] Select(IImageSource whole, long total, string[]? splits, string[]? classes, TakeRange? take)
    {
        // One counter for each class of each split; "no class" and "no split" count as one more.
        long[,] seen = new long[whole.Splits.Count + 1, whole.Classes.Count + 1];
        List<long> chosen = [];
        for (long i = 0; i < total; i++)
        {
            int split = whole.Split(i);
            int label = whole.Label(i);
            bool isChosen = (splits is null || (split >= 0 && splits.Contains(whole.Splits[split])))
                && (classes is null || (label >= 0 && classes.Contains(whole.Classes[label])))
                && take?.Contains(seen[split + 1, label + 1]++) != false;
            if (isChosen)
            {
                chosen.Add(i);
            }
        }

        return [.. chosen];
    }

    private static string CanonicalName(string name, string[]? splits, string[]? classes, TakeRange? take)
    {
        List<string> parts = [];
        AddNames("split", splits);
        AddNames("class", classes);
        if (take is TakeRange range)
        {
            parts.Add($"take={range}");
        }

        // A synthetic source's own settings already stand behind a #.
        return name + (HasSettings(name) ? "," : "#") + string.Join(',', parts);

        void AddNames(string key, string[]? names)
        {
            if (names is not null)
            {
                parts.Add($"{key}={string.Join('+', names.Select(SourceSpec.Escape))}");
            }
        }
    }

    private static bool HasSettings(string name) =>
        name.StartsWith(SyntheticSource.Prefix, StringComparison.Ordinal) && name.Contains('#', StringComparison.Ordinal);
}
