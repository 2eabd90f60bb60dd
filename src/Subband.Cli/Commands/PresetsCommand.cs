using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Models;

namespace Subband.Cli.Commands;

/// <summary><c>subband presets</c>: all that can be trained, each with its sentence.</summary>
internal sealed partial class PresetsCommand : Verb
{
    private readonly Option<bool> _json = CommonOptions.Json();

    public PresetsCommand()
        : base("presets", "List what can be trained") =>
        Add(_json);

    protected override int Run(Invocation run)
    {
        PresetLine[] presets = [.. ModelRegistry.Presets.Select(entry => new PresetLine(entry.Preset.Name, entry.Family.Name, entry.Preset.Summary))];
        if (run.Get(_json))
        {
            run.WriteJson(presets, PresetJson.Default.PresetLineArray);
            return ExitCodes.Done;
        }

        TextTable table = new(2);
        foreach (PresetLine preset in presets)
        {
            table.Add(preset.Name, preset.Summary);
        }

        table.Write(run.Out);
        return ExitCodes.Done;
    }

    private sealed record PresetLine(string Name, string Family, string Summary);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(PresetLine[]))]
    private sealed partial class PresetJson : JsonSerializerContext;
}
