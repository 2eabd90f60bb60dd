using System.Globalization;
using System.Text;

namespace Subband.Evaluation;

/// <summary>The curves of spectra as a table of comma-separated values.</summary>
public static class SpectrumTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="report">The spectra.</param>
    /// <returns>
    /// A line of titles, then a line for each k from 0 to S/2: the frequency k/S in cycles per pixel, for each source the radial mean and the
    /// slice at 0° at this frequency, then √2·k/S, and for each source the slice at 45° there. Powers are in dB.
    /// </returns>
    public static string Write(SpectrumReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        StringBuilder table = new();
        List<string> titles = ["frequency (cycles/pixel)"];
        titles.AddRange(report.Sources.Select(one => $"{one.Input.Label}: radial (dB)"));
        titles.AddRange(report.Sources.Select(one => $"{one.Input.Label}: 0° (dB)"));
        titles.Add("frequency at 45° (cycles/pixel)");
        titles.AddRange(report.Sources.Select(one => $"{one.Input.Label}: 45° (dB)"));
        table.AppendJoin(',', titles.Select(Quoted)).Append('\n');
        IReadOnlyList<double> frequencies = report.Sources[0].Spectrum.Frequencies;
        IReadOnlyList<double> diagonal = report.Sources[0].Spectrum.DiagonalFrequencies;
        for (int k = 0; k < frequencies.Count; k++)
        {
            double[] values =
            [
                frequencies[k],
                .. report.Sources.Select(one => one.Spectrum.Radial[k]),
                .. report.Sources.Select(one => one.Spectrum.Horizontal[k]),
                diagonal[k],
                .. report.Sources.Select(one => one.Spectrum.Diagonal[k]),
            ];
            table.AppendJoin(',', values.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))).Append('\n');
        }

        return table.ToString();
    }

    // RFC 4180
    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
