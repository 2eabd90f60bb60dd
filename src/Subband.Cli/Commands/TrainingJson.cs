using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary>A training as JSON, one object a line, each with its <c>event</c>.</summary>
internal sealed class TrainingJson(TextWriter output)
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes with what configuration the training begins or goes on, and for the latter what comes from where.</summary>
    public void Begin(TrainingJob job) => Write("configured", new JsonObject
    {
        ["run"] = job.Path,
        ["config"] = JsonNode.Parse(job.Config.ToJson()),
        ["resume"] = job.Resumed is { } resumed
            ? new JsonArray([.. resumed.Lines.Select(line => new JsonObject
            {
                ["name"] = line.Name,
                ["value"] = line.Value,
                ["origin"] = line.Origin,
            })])
            : null,
    });

    /// <summary>Writes what happened, unless it is a mere step.</summary>
    public void Show(TrainingEvent what)
    {
        switch (what)
        {
            case TrainingStarted started:
                Write("started", new JsonObject
                {
                    ["run"] = started.Run,
                    ["kimg"] = started.Images / 1000.0,
                    ["target_kimg"] = started.TargetImages / 1000.0,
                    ["checkpoint"] = started.Checkpoint,
                });
                break;
            case ImagesMeasured { Images: 0 } measured:
                Write("measuring", new JsonObject { ["images"] = measured.Total });
                break;
            case TrainingReport report:
                Write("report", new JsonObject
                {
                    ["step"] = report.Step,
                    ["kimg"] = report.Kimg,
                    ["measures"] = new JsonObject(report.Measures.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value))),
                    ["images_per_second"] = report.ImagesPerSecond,
                    ["data_wait_share"] = report.DataWaitShare,
                    ["refused"] = report.Refused,
                    ["peak_tensor_bytes"] = report.PeakTensorBytes,
                    ["process_bytes"] = report.ProcessBytes,
                    ["seconds"] = report.Seconds,
                    ["remaining_seconds"] = report.RemainingSeconds,
                });
                break;
            case ModelValidated validated:
                Write("validation", new JsonObject
                {
                    ["step"] = validated.Step,
                    ["kimg"] = validated.Kimg,
                    ["measures"] = new JsonObject(validated.Measures.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value))),
                    ["seconds"] = validated.Seconds,
                });
                break;
            case SampleWritten sample:
                Write("sample", new JsonObject { ["path"] = sample.Path, ["kimg"] = sample.Kimg });
                break;
            case CheckpointSaved saved:
                Write("checkpoint", new JsonObject { ["path"] = saved.Path, ["kimg"] = saved.Kimg, ["seconds"] = saved.Seconds });
                break;
            case TrainingWarning warning:
                Write("warning", new JsonObject { ["message"] = warning.Message });
                break;
            case TrainingFinished finished:
                Write("finished", new JsonObject { ["kimg"] = finished.Images / 1000.0, ["seconds"] = finished.Seconds });
                break;
        }
    }

    /// <summary>Writes that the training was stopped, and where it stands.</summary>
    public void Stop(TrainingWatch watch) =>
        Write("stopped", new JsonObject { ["kimg"] = watch.Images / 1000.0, ["checkpoint"] = watch.Checkpoint });

    private void Write(string name, JsonObject content)
    {
        content.Insert(0, "event", name);
        output.WriteLine(content.ToJsonString(OneLine));
    }
}
