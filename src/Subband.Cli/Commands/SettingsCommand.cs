using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Models;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary><c>subband settings PRESET</c>: every setting with its value, its meaning and what it takes.</summary>
internal sealed partial class SettingsCommand : Verb
{
    private readonly Argument<string> _preset = new("PRESET") { Description = "See 'subband presets'" };
    private readonly Option<bool> _json = CommonOptions.Json();

    public SettingsCommand()
        : base("settings", "List a preset's settings, for train --set NAME=VALUE")
    {
        Add(_preset);
        Add(_json);
    }

    protected override int Run(Invocation run)
    {
        (IModelFamily family, Preset preset) = ModelRegistry.Preset(run.Get(_preset));
        IReadOnlyList<Setting> settings = SettingsTree.List(family.SettingsType);
        if (run.Get(_json))
        {
            run.WriteJson(
                [.. settings.Select(setting => new SettingLine(
                    setting.Name, setting.ToJson(preset.Settings), setting.Meaning, setting.Expected, setting.ChangeableOnResume))],
                SettingJson.Default.SettingLineArray);
            return ExitCodes.Done;
        }

        foreach (Setting setting in settings)
        {
            run.Out.WriteLine($"{setting.Name}={setting.Text(preset.Settings)}");
            run.Out.WriteLine($"    {setting.Meaning}");
            run.Out.WriteLine($"    takes {setting.Expected}{(setting.ChangeableOnResume ? "; may change on --resume" : "")}");
        }

        return ExitCodes.Done;
    }

    private sealed record SettingLine(string Name, JsonNode? Value, string Meaning, string Expected, bool ChangeableOnResume);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(SettingLine[]))]
    private sealed partial class SettingJson : JsonSerializerContext;
}
