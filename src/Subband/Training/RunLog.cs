using System.Text.Json.Nodes;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>What a run leaves to look at while it is trained: metrics, TensorBoard events, sample sheets.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly RunFolder _run;
    private readonly Action<TrainingEvent> _tell;
    private readonly MetricsLog _metrics;
    private readonly EventLog _events;
    private readonly bool _hasSheets;

    /// <summary>Opens the logs of a run that goes on from a step.</summary>
    /// <param name="run">The run.</param>
    /// <param name="step">The last step whose reports stay.</param>
    /// <param name="whyNoSheets">Why pictures cannot be written, in whole sentences; null where they can. It is said once.</param>
    /// <param name="tell">Is told what was written.</param>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    public RunLog(RunFolder run, long step, string? whyNoSheets, Action<TrainingEvent> tell)
    {
        (_run, _tell, _hasSheets) = (run, tell, whyNoSheets is null);
        if (!_hasSheets)
        {
            _tell(new TrainingWarning($"There will be no sample sheets: {whyNoSheets} Training goes on without them."));
        }

        _metrics = MetricsLog.Open(run.MetricsPath, step);
        try
        {
            _events = EventLog.Begin(run.Path, step, TimeProvider.System);
            new DiskStep(run.Path).Do("synchronise it with the logs in it", () =>
            {
                FaultPoint.Reach("logs.syncFolder");
                DiskSync.Folder(run.Path);
            });
        }
        catch
        {
            _events?.Dispose();
            _metrics.Dispose();
            throw;
        }

        if (step == 0 && !run.IsNew)
        {
            _tell(new TrainingWarning(_metrics.Aside is null
                ? $"There is no checkpoint in {run.Checkpoints.Path} yet: the run begins with its first step."
                : $"There is no checkpoint in {run.Checkpoints.Path}: the run begins anew. "
                    + $"The reports so far ({_metrics.Dropped}) are now in {_metrics.Aside}."));
        }
    }

    /// <summary>Adds a report.</summary>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void Add(TrainingReport report)
    {
        _metrics.Append(new JsonObject
        {
            ["step"] = report.Step,
            ["kimg"] = report.Kimg,
            ["measures"] = new JsonObject(report.Measures.Select(measure => KeyValuePair.Create(measure.Name, (JsonNode?)measure.Value))),
            ["imagesPerSecond"] = Math.Round(report.ImagesPerSecond, 2),
            ["dataWaitShare"] = Math.Round(report.DataWaitShare, 4),
            ["refused"] = report.Refused,
            ["peakTensorBytes"] = report.PeakTensorBytes,
            ["processBytes"] = report.ProcessBytes,
            ["seconds"] = Math.Round(report.Seconds, 3),
        });
        _events.AddScalars(
            report.Step,
            [
                .. report.Measures,
                ("progress/kimg", report.Kimg),
                ("progress/seconds", report.Seconds),
                ("speed/imagesPerSecond", report.ImagesPerSecond),
                ("speed/dataWaitShare", report.DataWaitShare),
                ("data/refused", report.Refused),
                ("memory/peakTensorBytes", report.PeakTensorBytes),
                ("memory/processBytes", report.ProcessBytes),
            ]);
        _tell(report);
    }

    /// <summary>Adds what was measured on images that the model is not trained on.</summary>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void Add(ModelValidated validated)
    {
        _metrics.Append(new JsonObject
        {
            ["step"] = validated.Step,
            ["kimg"] = validated.Kimg,
            ["validation"] = new JsonObject(
                validated.Measures.Select(measure => KeyValuePair.Create(measure.Name, (JsonNode?)measure.Value))),
        });
        _events.AddScalars(validated.Step, [.. validated.Measures.Select(measure => ("validation/" + measure.Name, measure.Value))]);
        _tell(validated);
    }

    /// <summary>Writes a sample sheet, where that is possible.</summary>
    /// <param name="step">When it was made.</param>
    /// <param name="images">Images shown.</param>
    /// <param name="name">Its name without extension.</param>
    /// <param name="draw">Draws it; not called where it could not be written.</param>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void AddSheet(long step, long images, string name, Func<Rgb8Image> draw)
    {
        if (!_hasSheets)
        {
            return;
        }

        Rgb8Image sheet = draw();
        byte[] png = ImageFile.EncodePng(sheet);
        string path = Path.Combine(_run.SamplesPath, name + ".png");
        AtomicFile.Write(path, stream => stream.Write(png));
        _events.AddImage(step, "samples", sheet, png);
        _tell(new SampleWritten(path, images / 1000.0));
    }

    /// <summary>Waits until all reports are on the disk, so that a power loss never leaves fewer than the checkpoint counts.</summary>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    public void Synchronise()
    {
        _metrics.Synchronise();
        _events.Synchronise();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }
}
