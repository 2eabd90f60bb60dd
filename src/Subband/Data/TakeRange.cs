using System.Globalization;

namespace Subband.Data;

/// <summary>
/// The selector <c>take=FROM..TO</c>: of each class in each split, the items from number FROM on, counted from 0, up to but
/// without number TO. Either end may be left out.
/// </summary>
internal readonly record struct TakeRange(long From, long To)
{
    /// <summary>Reads <c>0..4500</c>, <c>4500..</c> or <c>..100</c>.</summary>
    /// <exception cref="UsageException">It is neither, or is empty.</exception>
    public static TakeRange Parse(string text)
    {
        int dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots >= 0
            && TryParse(text[..dots], 0, out long from)
            && TryParse(text[(dots + 2)..], long.MaxValue, out long to)
            && from < to)
        {
            return new TakeRange(from, to);
        }

        throw new UsageException($"'take={text}' should be a range such as 0..4500, which leaves out its upper end, or 4500.. for the rest.");
    }

    public bool Contains(long number) => number >= From && number < To;

    public override string ToString() => To == long.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{From}..")
        : string.Create(CultureInfo.InvariantCulture, $"{From}..{To}");

    private static bool TryParse(string text, long byDefault, out long number)
    {
        number = byDefault;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
