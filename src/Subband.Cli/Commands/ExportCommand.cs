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

    private readonly Option<string> _costData = CommonOptions.Path(
        "--measure-precision",
        string.Create(
            CultureInfo.InvariantCulture,
            $"Super-resolution: measure on FOLDER/HR what bf16 and its fast class cost; where that is under {UpscalingModels.NegligibleCost} dB, upscale computes so"),
        "FOLDER");

    private readonly Option<bool> _json = CommonOptions.Json();

    public ExportCommand()
        : base("export", "Write a trained model as one file for use")
    {
        Add(_models);
        Add(_out);
        Add(_precision);
        Add(_costData);
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
                + Costs("bf16", exported.Bf16Cost) + Costs("fast", exported.FastCost));
        }

        return ExitCodes.Done;
    }

    private static string Costs(string precision, double? decibels) =>
        decibels is { } cost ? string.Create(CultureInfo.InvariantCulture, $"; {precision} costs {cost:F4} dB") : "";

    private ExportedModel Write(Invocation run, string path)
    {
        List<ModelFile> files = [];
        try
        {
            files.AddRange(run.Get(_models).Select(ModelStore.Open));
            PrecisionCosts? costs = run.IsGiven(_costData) ? MeasureCosts(run, files) : null;
            return ModelExport.Write(files, path, run.Get(_precision) == StoredPrecision.Fp16 ? DType.Float16 : DType.Float32, costs);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private PrecisionCosts MeasureCosts(Invocation run, List<ModelFile> files)
    {
        if (files is not [ModelFile only])
        {
            throw new UsageException($"--measure-precision is for one model that enlarges photographs, and {files.Count} are given.");
        }

        Device device = ModelArguments.Place(run, DeviceChoice.Auto, threads: null);
        PrecisionCosts costs = ProgressDisplay.Run(run, show => PrecisionEvaluation.Measure(
            only, run.Get(_costData), device, progress => show(WorkDone.Of(progress, "pictures")), run.Cancellation));
        if (costs.Fast is null)
        {
            run.Say("note: what the fast class of bf16 costs stays unknown: it takes a processor that multiplies bf16 by AVX-512");
        }

        return costs;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ExportedModel))]
    private sealed partial class ExportJson : JsonSerializerContext;
}
