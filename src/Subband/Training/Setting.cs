using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Subband.Training;

/// <summary>One setting of a tree of records, by its dotted name. See <see cref="SettingsTree"/>.</summary>
public sealed class Setting
{
    private readonly PropertyInfo[] _path;
    private readonly SettingAttribute _attribute;
    private readonly SettingValue _value;

    internal Setting(PropertyInfo[] path, SettingAttribute attribute, SettingValue value)
    {
        (_path, _attribute, _value) = (path, attribute, value);
        Name = string.Join('.', path.Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));
    }

    /// <summary>Whether it says where something is on the machine that trains.</summary>
    public bool IsPlace => _attribute.IsPlace;

    /// <summary>Such as <c>training.batchSize</c>.</summary>
    public string Name { get; }

    /// <summary>What it means, in one phrase.</summary>
    public string Meaning => _attribute.Meaning;

    /// <summary>Which values it takes: <c>a whole number from 1 to 64</c>.</summary>
    public string Expected => _value.Expected + Range;

    /// <summary>Whether a resumed run may change it without breaking its saved state.</summary>
    public bool ChangeableOnResume => _attribute.ChangeableOnResume;

    private string Range => (_attribute.Minimum, _attribute.Maximum) switch
    {
        (double.NegativeInfinity, double.PositiveInfinity) => "",
        (var low, double.PositiveInfinity) => string.Create(CultureInfo.InvariantCulture, $", at least {low}"),
        (double.NegativeInfinity, var high) => string.Create(CultureInfo.InvariantCulture, $", at most {high}"),
        var (low, high) => string.Create(CultureInfo.InvariantCulture, $", from {low} to {high}"),
    };

    /// <summary>The value that this setting has in a tree, as it is written after <c>--set NAME=</c>.</summary>
    /// <param name="settings">The root of the tree.</param>
    public string Text(object settings) => _value.Text(Get(settings));

    /// <summary>The value that this setting has in a tree, as JSON.</summary>
    /// <param name="settings">The root of the tree.</param>
    public JsonNode? ToJson(object settings) => _value.ToJson(Get(settings));

    /// <summary>A copy of a tree in which this setting has the value that a person wrote.</summary>
    /// <exception cref="UsageException">The text is no such value, or out of range.</exception>
    internal object WithText(object settings, string text) =>
        _value.TryParse(text, out object? value) && IsInRange(value)
            ? With(settings, value)
            : throw new UsageException($"The setting {Name} ({Meaning}) takes {Expected}, not '{text}'.");

    /// <summary>A copy of a tree in which this setting has the value of a JSON file; null where it is no such value.</summary>
    internal object? WithJson(object settings, JsonElement json) =>
        _value.TryRead(json, out object? value) && IsInRange(value) ? With(settings, value) : null;

    /// <summary>Refuses a value, set from code, that is out of range.</summary>
    /// <exception cref="UsageException">It is.</exception>
    internal void Check(object settings)
    {
        if (!IsInRange(Get(settings)))
        {
            throw new UsageException($"The setting {Name} ({Meaning}) takes {Expected}, not '{Text(settings)}'.");
        }
    }

    private bool IsInRange(object? value) =>
        _value.Numbers(value).All(number => number >= _attribute.Minimum && number <= _attribute.Maximum);

    private object? Get(object settings) => _path.Aggregate((object?)settings, (record, property) => property.GetValue(record));

    private object With(object settings, object? value) => With(settings, _path, value);

    private static object With(object record, ReadOnlySpan<PropertyInfo> path, object? value)
    {
        PropertyInfo property = path[0];
        object copy = SettingsTree.Copy(record);
        property.SetValue(copy, path.Length == 1 ? value : With(property.GetValue(record)!, path[1..], value));
        return copy;
    }
}
