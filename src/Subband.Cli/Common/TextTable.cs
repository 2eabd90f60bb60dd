using System.Globalization;
using System.Text;

namespace Subband.Cli.Common;

/// <summary>Plain columns for people and for pipes: texts to the left, from some column on numbers to the right.</summary>
/// <param name="textColumns">How many columns are set to the left; those behind them are set to the right.</param>
internal sealed class TextTable(int textColumns)
{
    private const int Gap = 2;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes all rows; no line ends in blanks.</summary>
    public void Write(TextWriter output)
    {
        int columns = _rows.Max(row => row.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => _rows.Max(row => c < row.Length ? Width(row[c]) : 0))];
        foreach (string[] row in _rows)
        {
            StringBuilder line = new();
            for (int c = 0; c < row.Length; c++)
            {
                string blanks = new(' ', widths[c] - Width(row[c]));
                line.Append(c < textColumns ? row[c] + blanks : blanks + row[c]).Append(' ', Gap);
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private static int Width(string text) => new StringInfo(text).LengthInTextElements;
}
