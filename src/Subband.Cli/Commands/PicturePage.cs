using System.Globalization;
using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Metrics;

namespace Subband.Cli.Commands;

/// <summary>The figures of pictures beside the true ones, for people: a row a picture, the mean, and how it was measured.</summary>
internal static class PicturePage
{
    private static readonly (string Title, string Format, Func<PictureFigures, double?> Value)[] Columns =
    [
        ("psnr y", "0.00", figures => figures.PsnrY),
        ("psnr rgb", "0.00", figures => figures.PsnrRgb),
        ("ssim y", "0.0000", figures => figures.SsimY),
        ("ssim rgb", "0.0000", figures => figures.SsimRgb),
        ("lpips", "0.0000", figures => figures.Lpips),
    ];

    /// <summary>Writes the table and the protocol.</summary>
    public static void Write(PictureReport report, TextWriter output)
    {
        if (report.Mean is { } mean)
        {
            var used = Columns.Where(column => column.Value(mean) is not null).ToArray();
            TextTable table = new(1);
            table.Add(["", .. used.Select(column => column.Title)]);
            foreach (PictureResult picture in report.Pictures)
            {
                Row(picture.Name, picture.Figures);
            }

            Row($"mean of {report.Pictures.Count}", mean);
            table.Write(output);
            output.WriteLine();

            void Row(string name, PictureFigures figures) =>
                table.Add([name, .. used.Select(column => Text(column.Value(figures)!.Value, column.Format))]);
        }

        foreach (string line in report.Protocol)
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Tells on standard error what could not be measured.</summary>
    public static void SayFailures(Invocation run, PictureReport report)
    {
        foreach (PictureFailure failure in report.Failures)
        {
            run.Say($"subband: {failure.Name} was not compared: {failure.Reason}");
        }
    }

    private static string Text(double value, string format) =>
        double.IsInfinity(value) ? "inf" : value.ToString(format, CultureInfo.InvariantCulture);
}
