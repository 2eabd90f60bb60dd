using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Models.Import;

namespace Subband.Cli.Commands;

/// <summary><c>subband import FILE --out MODEL.safetensors</c>: another program's checkpoint as a model.</summary>
internal sealed partial class ImportCommand : Verb
{
    private const string Extension = ".safetensors";
    private const int LargestScale = 16;

    private readonly Argument<string> _file = new("FILE") { Description = "A .pth, .pt or .safetensors file of another program" };
    private readonly Option<string?> _as = new("--as")
    {
        Description = $"What it is, where its tensors' names do not tell: {string.Join(", ", CheckpointImport.Layouts)}",
        HelpName = "NAME",
    };

    private readonly Option<long?> _scale = CommonOptions.WholeNumber(
        "--scale", "By how much it enlarges, where its shapes do not tell (srcnn), or the one that vdsr is meant for", 2, LargestScale);

    private readonly Option<string> _out = CommonOptions.Out("The model to write; it appears when it is complete", "MODEL" + Extension);
    private readonly Option<bool> _json = CommonOptions.Json();

    public ImportCommand()
        : base("import", "Make a model of another program's checkpoint (SRCNN, VDSR, RDN, RCAN, SRResNet, StyleGAN2, SWAGAN)")
    {
        Add(_file);
        Add(_as);
        Add(_scale);
        Add(_out);
        Add(_json);
        _as.CompletionSources.Add([.. CheckpointImport.Layouts]);
    }

    protected override int Run(Invocation run)
    {
        string path = run.Get(_out);
        OutputFile.Require(path, Extension);
        ImportedModel imported = CheckpointImport.Write(run.Get(_file), path, run.Get(_as), (int?)run.Get(_scale));
        if (run.Get(_json))
        {
            run.WriteJson(imported, ImportJson.Default.ImportedModel);
        }
        else
        {
            string part = imported.Part.Length == 0 ? "" : $", from its {imported.Part}";
            run.Out.WriteLine(
                $"{imported.Preset} in {imported.Path}: {string.Concat(imported.Scales.Select(factor => $"x{factor}, "))}"
                + $"{Texts.Count(imported.Parameters, "parameter")}, {Texts.Bytes(imported.Bytes)}");
            run.Say($"recognised as {imported.Layout}{part}");
        }

        return ExitCodes.Done;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ImportedModel))]
    private sealed partial class ImportJson : JsonSerializerContext;
}
