using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary>
/// A training on a terminal: a bar with rate and time left, below it the newest losses, a row for each part of the model;
/// above it, what was saved.
/// </summary>
internal sealed class TrainingBoard(IAnsiConsole terminal, LiveDisplayContext live, string title)
{
    private const int BarLength = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _sinceDrawn = Stopwatch.StartNew();
    private IRenderable _losses = new Text("");

    /// <summary>Shows what happened.</summary>
    public void Show(TrainingEvent what)
    {
        switch (what)
        {
            case TrainingStarted started:
                Draw(started.Images, started.TargetImages, Progress(started.Images, started.TargetImages));
                break;
            case ImagesMeasured measured when IsTime || measured.Images >= measured.Total:
                Draw(
                    measured.Images,
                    measured.Total,
                    $"mean and deviation of {Texts.Number(measured.Images)} of {Texts.Count(measured.Total, "image")}");
                break;
            case TrainingStepped stepped when IsTime || stepped.Images >= stepped.TargetImages:
                Draw(
                    stepped.Images,
                    stepped.TargetImages,
                    $"{Progress(stepped.Images, stepped.TargetImages)}  {TrainingLines.Rate(stepped.ImagesPerSecond)} images/s  "
                    + $"{Texts.Duration(stepped.Remaining.TotalSeconds)} left");
                break;
            case TrainingReport report:
                _losses = new Rows(
                    new Text(
                        $"{Texts.Duration(report.SecondsPerKimg)} a kimg, {Texts.Bytes(report.ProcessBytes)} of memory",
                        new Style(Color.Grey)),
                    Losses(report));
                break;
            case ModelValidated validated:
                terminal.MarkupLineInterpolated(
                    $"[grey]{Texts.Kimg(validated.Kimg * 1000)} kimg[/] validation: {TrainingLines.Validation(validated)}");
                break;
            case CheckpointSaved saved:
                terminal.MarkupLineInterpolated($"[grey]{Texts.Kimg(saved.Kimg * 1000)} kimg saved in {saved.Path} in {Texts.Duration(saved.Seconds)}[/]");
                break;
            case TrainingWarning warning:
                terminal.MarkupLineInterpolated($"[yellow]note: {warning.Message}[/]");
                break;
        }
    }

    private bool IsTime => _sinceDrawn.Elapsed >= Pause;

    private static string Progress(long images, long target) => $"{Texts.Kimg(images)} of {Texts.Kimg(target)} kimg";

    private void Draw(long done, long total, string words)
    {
        double share = Math.Clamp((double)done / Math.Max(1, total), 0, 1);
        int full = (int)(share * BarLength);
        char stroke = terminal.Profile.Capabilities.Unicode ? '━' : '=';
        string percent = (100 * share).ToString("0", CultureInfo.InvariantCulture);
        Markup bar = new(
            $"[bold]{Markup.Escape(title)}[/] [green]{new string(stroke, full)}[/][grey]{new string(stroke, BarLength - full)}[/] "
            + $"{percent} %  {words}");
        live.UpdateTarget(new Rows(bar, _losses));
        _sinceDrawn.Restart();
    }

    private static Table Losses(TrainingReport report)
    {
        var parts = TrainingLines.Parts(report).ToArray();
        string[] names = [.. parts.SelectMany(part => part.Select(measure => measure.Name)).Distinct()];
        Table table = new Table { Border = TableBorder.None }.AddColumn("");
        foreach (string name in names)
        {
            table.AddColumn(new TableColumn(new Text(name, new Style(Color.Grey))).RightAligned());
        }

        foreach (var part in parts)
        {
            var values = part.ToDictionary(measure => measure.Name, measure => TrainingLines.Value(measure.Value));
            table.AddRow([new Text(part.Key), .. names.Select(name => new Text(values.GetValueOrDefault(name, "")))]);
        }

        return table;
    }
}
