using System.Globalization;
using System.Text;

namespace Subband.Data;

/// <summary>
/// The written form of a source: <c>PLACE</c> or <c>PLACE#key=value,key=value</c>, for instance
/// <c>photos.tar#split=train,class=cat+dog,take=0..4500</c>. No character of it means anything to a shell.
/// </summary>
/// <remarks>
/// Lists inside a value are joined by <c>+</c>. Where a name itself contains one of <c>, + = # %</c> or a space, it is
/// written as in web addresses: <c>%2C</c> is a comma. The place is taken as it is.
/// </remarks>
internal sealed class SourceSpec
{
    private readonly Dictionary<string, string> _settings;

    private SourceSpec(string text, string place, Dictionary<string, string> settings)
    {
        Text = text;
        Place = place;
        _settings = settings;
    }

    /// <summary>What was typed.</summary>
    public string Text { get; }

    /// <summary>The path or name before the selectors.</summary>
    public string Place { get; }

    /// <summary>Splits the text; a path that exists as it stands, <c>#</c> included, is taken as a path.</summary>
    /// <exception cref="UsageException">The text is empty, a setting has no value or stands there twice.</exception>
    public static SourceSpec Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new UsageException("The source of images is empty; give a folder, an archive or a name such as cifar10.");
        }

        int hash = text.LastIndexOf('#');
        if (hash < 0 || Path.Exists(text))
        {
            return new SourceSpec(text, text, []);
        }

        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        foreach (string part in text[(hash + 1)..].Split(','))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == part.Length - 1)
            {
                throw new UsageException(
                    $"'{part}' in the source '{text}' is not of the form key=value, as in photos.tar#split=train,class=cat+dog.");
            }

            if (!settings.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                throw new UsageException($"'{part[..equals]}' stands twice in the source '{text}'; join values by +, as in class=cat+dog.");
            }
        }

        return hash == 0
            ? throw new UsageException($"The source '{text}' has selectors but no place: put a path or name before the #.")
            : new SourceSpec(text, text[..hash], settings);
    }

    /// <summary>Refuses settings that this kind of source does not have.</summary>
    /// <exception cref="UsageException">There is one; the message names the nearest that exists.</exception>
    public void Allow(params IReadOnlyCollection<string> known)
    {
        foreach (string key in _settings.Keys.Where(key => !known.Contains(key)))
        {
            throw UsageException.UnknownName($"selector of {Place} called", key, known);
        }
    }

    /// <summary>The names in a setting's value, or null where it is not given.</summary>
    public IReadOnlyList<string>? Names(string key) =>
        _settings.TryGetValue(key, out string? value) ? [.. value.Split('+').Select(Uri.UnescapeDataString)] : null;

    /// <summary>A setting's value as it was typed, or null where it is not given.</summary>
    public string? Value(string key) => _settings.GetValueOrDefault(key);

    /// <summary>A setting that is a whole number, or the default where it is not given.</summary>
    /// <exception cref="UsageException">The value is not a number of the range.</exception>
    public long Number(string key, long byDefault, long minimum, long maximum)
    {
        if (Value(key) is not string text)
        {
            return byDefault;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number >= minimum && number <= maximum
            ? number
            : throw new UsageException($"'{key}={text}' in the source '{Text}' should be a whole number from {minimum} to {maximum}.");
    }

    /// <summary>Writes a name so that <see cref="Names"/> reads it back.</summary>
    public static string Escape(string name)
    {
        StringBuilder escaped = new(name.Length);
        foreach (char c in name)
        {
            _ = c is ',' or '+' or '=' or '#' or '%' or ' ' or '\t'
                ? escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}")
                : escaped.Append(c);
        }

        return escaped.ToString();
    }
}
