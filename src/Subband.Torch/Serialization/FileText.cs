using System.Globalization;
using System.Text;

namespace Subband.Torch.Serialization;

/// <summary>Texts of a file, such as the names it gives to its parts, where messages quote them.</summary>
internal static class FileText
{
    private const int Longest = 160;

    /// <summary>
    /// A text of bounded length without the characters that a terminal obeys instead of showing them: what a file says of
    /// itself must not be able to forge a message about it.
    /// </summary>
    public static string Shown(string text)
    {
        string start = text.Length <= Longest ? text : text[..Longest] + "…";
        return string.Concat(start.EnumerateRunes().Select(rune => IsVisible(rune) ? rune : Rune.ReplacementChar));
    }

    // Of the formats, some turn the direction of writing round or hide what stands beside them.
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
