using System.Globalization;
using Subband.Cli.Common;
using Subband.Evaluation;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband spectrum</c> found, for people.</summary>
internal static class SpectrumPage
{
    /// <summary>What plots and tables call sources: a path's last part with its selectors, and a number where two are alike.</summary>
    /// <param name="names">What was typed.</param>
    public static string[] Labels(IReadOnlyList<string> names)
    {
        string[] labels = [.. names.Select(Short)];
        return [.. labels.Select((label, i) => labels.Take(i).Count(other => other == label) is > 0 and var before ? $"{label} ({before + 1})" : label)];
    }

    /// <summary>Writes a row for each source, and how it was measured.</summary>
    public static void Write(SpectrumReport report, TextWriter output)
    {
        TextTable table = new(1);
        table.Add("high-frequency gap", "images", "dB", "signed dB");
        foreach (SourceSpectrum one in report.Sources)
        {
            table.Add(
                one.Input.Label,
                Texts.Number(one.Spectrum.Images),
                one.Gap is { } gap ? gap.Absolute.ToString("0.00", CultureInfo.InvariantCulture) : "reference",
                one.Gap is { } same ? same.Signed.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) : "");
        }

        table.Write(output);
        output.WriteLine();
        foreach (string line in report.Protocol)
        {
            output.WriteLine(line);
        }
    }

    private static string Short(string name)
    {
        int settings = name.LastIndexOf('#') is >= 0 and var at && !Path.Exists(name) ? at : name.Length;
        string last = Path.GetFileName(Path.TrimEndingDirectorySeparator(name[..settings]));
        return (last.Length == 0 ? name[..settings] : last) + name[settings..];
    }
}
