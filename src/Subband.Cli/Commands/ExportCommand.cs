using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Models;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband export MODEL --out FILE.safetensors</c>: a trained model as one file that needs nothing beside it.</summary>
internal sealed partial class ExportCommand : Verb
{
    private const string Extension = ".safetensors";

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string> _out = CommonOptions.Out("The file to write; it appears when it is complete", "FILE" + Extension);
    private readonly Option<StoredPrecision> _precision = CommonOptions.Choice(
        "--precision", "How numbers are stored; fp16 halves the file and keeps 11 bits of each", StoredPrecision.Fp32);

    private readonly Option<bool> _json = CommonOptions.Json();

    public ExportCommand()
        : base("export", "Write a trained model as one file for use")
    {
        Add(_model);
        Add(_out);
        Add(_precision);
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
        using ModelFile model = ModelStore.Open(run.Get(_model));
        ExportedModel exported = ModelExport.Write(
            model, path, run.Get(_precision) == StoredPrecision.Fp16 ? DType.Float16 : DType.Float32);
        if (run.Get(_json))
        {
            run.WriteJson(exported, ExportJson.Default.ExportedModel);
        }
        else
        {
            run.Out.WriteLine(
                $"{exported.Preset} in {exported.Path}: {Texts.Count(exported.Parameters, "parameter")}, {Texts.Bytes(exported.Bytes)}");
        }

        return ExitCodes.Done;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ExportedModel))]
    private sealed partial class ExportJson : JsonSerializerContext;
}
