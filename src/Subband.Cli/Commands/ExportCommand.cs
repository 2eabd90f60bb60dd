using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Models;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband export MODEL --out FILE.safetensors</c>: a trained model as one file that needs nothing beside it; several whose
/// levels were trained apart become one.
/// </summary>
internal sealed partial class ExportCommand : Verb
{
    private const string Extension = ".safetensors";

    private readonly Argument<string[]> _models = ModelArguments.Models("Several of which each was trained with another --level are joined");
    private readonly Option<string> _out = CommonOptions.Out("The file to write; it appears when it is complete", "FILE" + Extension);
    private readonly Option<StoredPrecision> _precision = CommonOptions.Choice<StoredPrecision>(
        "--precision", "How numbers are stored; fp16 halves the file and keeps 11 bits of each");

    private readonly Option<string> _bf16Data = CommonOptions.Path(
        "--measure-bf16",
        string.Create(
            CultureInfo.InvariantCulture,
            $"Super-resolution: measure on FOLDER/HR what bf16 costs; where that is under {UpscalingModels.NegligibleCost} dB, upscale computes in it"),
        "FOLDER");

    private readonly Option<bool> _json = CommonOptions.Json();

    public ExportCommand()
        : base("export", "Write a trained model as one file for use")
    {
        Add(_models);
        Add(_out);
        Add(_precision);
        Add(_bf16Data);
        Add(_json);
    }

    private enum StoredPrecision
    {
        Fp32,
        Fp16,
    }

    protected override int Run(Invocation run)
    {
        string path = run.Get(_out);
        OutputFile.Require(path, Extension);
        ExportedModel exported = Write(run, path);
        if (run.Get(_json))
        {
            run.WriteJson(exported, ExportJson.Default.ExportedModel);
        }
        else
        {
            run.Out.WriteLine(
                $"{exported.Preset} in {exported.Path}: {Texts.Count(exported.Parameters, "parameter")}, {Texts.Bytes(exported.Bytes)}"
                + (exported.Bf16Cost is { } cost ? string.Create(CultureInfo.InvariantCulture, $"; bf16 costs {cost:F4} dB") : ""));
        }

        return ExitCodes.Done;
    }

    private ExportedModel Write(Invocation run, string path)
    {
        List<ModelFile> files = [];
        try
        {
            files.AddRange(run.Get(_models).Select(ModelStore.Open));
            double? bf16Cost = run.IsGiven(_bf16Data) ? MeasureBf16(run, files) : null;
            return ModelExport.Write(files, path, run.Get(_precision) == StoredPrecision.Fp16 ? DType.Float16 : DType.Float32, bf16Cost);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private double MeasureBf16(Invocation run, List<ModelFile> files)
    {
        if (files is not [ModelFile only])
        {
            throw new UsageException($"--measure-bf16 is for one model that enlarges photographs, and {files.Count} are given.");
        }

        Device device = ModelArguments.Place(run, DeviceChoice.Auto, threads: null);
        return ProgressDisplay.Run(run, show => Bf16Cost.Measure(
            only, run.Get(_bf16Data), device, progress => show(WorkDone.Of(progress, "pictures")), run.Cancellation));
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ExportedModel))]
    private sealed partial class ExportJson : JsonSerializerContext;
}
