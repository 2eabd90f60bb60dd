using System.Globalization;
using System.Text.RegularExpressions;

namespace Subband.Training;

/// <summary>The names of checkpoints and sample sheets: how many thousand images had been shown.</summary>
internal static partial class KimgName
{
    /// <summary><c>000050k</c> for 50,000 images, <c>000050k304</c> for 50,304; names sort as their numbers do.</summary>
    public static string Of(long images)
    {
        (long kimg, long rest) = Math.DivRem(images, 1000);
        return rest == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{kimg:000000}k")
            : string.Create(CultureInfo.InvariantCulture, $"{kimg:000000}k{rest:000}");
    }

    /// <summary>Whether a name is one of ours, a number behind a hyphen, which tells equal ones apart, included.</summary>
    public static bool Is(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"^[0-9]{6,}k([0-9]{3})?(-[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
