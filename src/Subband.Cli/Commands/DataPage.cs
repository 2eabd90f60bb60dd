using Subband.Cli.Common;
using Subband.Data;

namespace Subband.Cli.Commands;

/// <summary>Lays out a <see cref="DataReport"/> for people: facts, a table of classes and splits, refused files last.</summary>
internal static class DataPage
{
    private const int SizesShown = 5;

    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter output, DataReport report)
    {
        TextTable facts = new(2);
        facts.Add("source", report.Source);
        facts.Add("images", Images(report));
        if (report.Examined > 0)
        {
            facts.Add("sizes", Sizes(report));
            facts.Add("formats", string.Join(", ", report.Formats.Select(format => $"{format.Name} ({Texts.Number(format.Count)})")));
        }

        string origin = report.LabelsFrom is { } file ? $", as {file} says" : "";
        facts.Add("classes", Groups(report.Classes.Count, report.Unlabelled, report.Examined) + origin);
        facts.Add("splits", report.Splits.Count == 0 ? "none" : string.Join(", ", report.Splits.Select(split => split.Name)));
        facts.Add("refused", Texts.Number(report.Refused.Count));
        facts.Add("fingerprint", report.Fingerprint);
        facts.Write(output);
        WriteGroups(output, report);
        WriteRefused(output, report);
    }

    private static string Images(DataReport report) => report.Count is { } count
        ? Texts.Number(count)
        : $"without end; the first {Texts.Number(report.Examined)} were looked at";

    private static string Sizes(DataReport report)
    {
        string Of(SizeCount size) => $"{size.Width}x{size.Height} ({Texts.Number(size.Count)})";
        if (report.Sizes.Count <= SizesShown)
        {
            return string.Join(", ", report.Sizes.Select(Of));
        }

        return string.Join(", ", report.Sizes.Take(SizesShown - 2).Select(Of))
            + $" and {report.Sizes.Count - SizesShown + 2} others, from {report.Smallest.Width} to {report.Largest.Width} wide"
            + $" and from {report.Smallest.Height} to {report.Largest.Height} high";
    }

    private static string Groups(int classes, long unlabelled, long examined) => (classes, unlabelled) switch
    {
        (0, _) => "none",
        (_, 0) => Texts.Number(classes),
        _ => $"{Texts.Number(classes)}; {Texts.Number(unlabelled)} of {Texts.Number(examined)} images have none",
    };

    // A row for each class, a column for each split; where there are no classes, a row for all images.
    private static void WriteGroups(TextWriter output, DataReport report)
    {
        if (report.Classes.Count == 0 && report.Splits.Count == 0)
        {
            return;
        }

        TextTable table = new(1);
        bool isSplit = report.Splits.Count > 0;
        table.Add(["class", .. isSplit ? report.Splits.Select(split => split.Name) : ["images"]]);
        for (int c = 0; c < report.Classes.Count; c++)
        {
            table.Add(
                [report.Classes[c].Name, .. isSplit
                    ? report.Splits.Select(split => Texts.Number(split.Classes[c].Count))
                    : [Texts.Number(report.Classes[c].Count)]]);
        }

        if (isSplit && report.Classes.Count != 1)
        {
            table.Add(["all", .. report.Splits.Select(split => Texts.Number(split.Count))]);
        }

        output.WriteLine();
        table.Write(output);
    }

    private static void WriteRefused(TextWriter output, DataReport report)
    {
        if (report.Refused.Count > 0)
        {
            output.WriteLine();
        }

        foreach (RefusedItem item in report.Refused)
        {
            output.WriteLine($"refused {item.Name}: {item.Reason}");
        }
    }
}
