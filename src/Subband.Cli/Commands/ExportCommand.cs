using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Models;
using Subband.Torch;

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

    private readonly Option<bool> _json = CommonOptions.Json();

    public ExportCommand()
        : base("export", "Write a trained model as one file for use")
    {
        Add(_models);
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
        ExportedModel exported = Write(run.Get(_models), path, run.Get(_precision) == StoredPrecision.Fp16 ? DType.Float16 : DType.Float32);
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

    private static ExportedModel Write(IEnumerable<string> models, string path, DType storage)
    {
        List<ModelFile> files = [];
        try
        {
            files.AddRange(models.Select(ModelStore.Open));
            return ModelExport.Write(files, path, storage);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ExportedModel))]
    private sealed partial class ExportJson : JsonSerializerContext;
}
