using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// Records of settings as one flat list of dotted names, such as <c>training.batchSize</c>: listed, set from text, and
/// written to and read from JSON, always with the same names and the same checks.
/// </summary>
/// <remarks>
/// A setting is a property with <see cref="SettingAttribute"/>, of type int, long, double, bool, string, an enumeration, a
/// list of int or double, or one of these that may be null. A property that is a record holds further settings. Nothing is
/// changed in place: setting a value makes a new tree.
/// </remarks>
public static class SettingsTree
{
    private static readonly ConcurrentDictionary<Type, Setting[]> Known = new();

    /// <summary>Every setting of a type of records, in the order of declaration.</summary>
    /// <param name="type">A record class.</param>
    /// <exception cref="InvalidOperationException">A property is neither a setting nor a record of settings.</exception>
    public static IReadOnlyList<Setting> List(Type type) => Known.GetOrAdd(type, root => [.. Walk(root, [])]);

    /// <summary>The setting of a name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public static Setting Find(Type type, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return List(type).FirstOrDefault(setting => setting.Name == name) ?? throw Unknown(type, name);
    }

    /// <summary>A copy of settings with one of them changed.</summary>
    /// <param name="settings">The tree; it stays as it is.</param>
    /// <param name="assignment"><c>training.batchSize=64</c>.</param>
    /// <exception cref="UsageException">The name is unknown, or the value is not one that the setting takes.</exception>
    public static T Apply<T>(T settings, string assignment)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(assignment);
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? Apply(settings, assignment[..equals].Trim(), assignment[(equals + 1)..].Trim())
            : throw new UsageException($"A setting is written NAME=VALUE, as in training.batchSize=64, not '{assignment}'.");
    }

    /// <summary>A copy of settings with one of them changed.</summary>
    /// <param name="settings">The tree; it stays as it is.</param>
    /// <param name="name">Such as <c>training.batchSize</c>.</param>
    /// <param name="value">As a person writes it: <c>64</c>, <c>true</c>, <c>nonSaturating</c>, <c>8,16,32</c>, <c>none</c>.</param>
    /// <exception cref="UsageException">The name is unknown, or the value is not one that the setting takes.</exception>
    public static T Apply<T>(T settings, string name, string value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(value);
        return (T)Find(settings.GetType(), name).WithText(settings, value);
    }

    /// <summary>Refuses values, set from code, that are out of their range.</summary>
    /// <exception cref="UsageException">One is.</exception>
    public static void Check(object settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (Setting setting in List(settings.GetType()))
        {
            setting.Check(settings);
        }
    }

    /// <summary>A copy of settings without those that say where something is on this machine.</summary>
    public static T WithoutPlaces<T>(T settings)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(settings);
        return List(settings.GetType()).Where(setting => setting.IsPlace)
            .Aggregate(settings, (changed, place) => (T)place.WithText(changed, ""));
    }

    /// <summary>All settings as an object of nested objects.</summary>
    public static JsonObject ToJsonObject(object settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        JsonObject root = [];
        foreach (Setting setting in List(settings.GetType()))
        {
            string[] parts = setting.Name.Split('.');
            JsonObject group = root;
            foreach (string part in parts[..^1])
            {
                group = (JsonObject)(group[part] ??= new JsonObject());
            }

            group[parts[^1]] = setting.ToJson(settings);
        }

        return root;
    }

    /// <summary>All settings as the text of an indented JSON object.</summary>
    public static string ToJson(object settings) => ToJsonObject(settings).ToIndentedText();

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">
    /// The text of a JSON object. A setting that it lacks keeps the value of a new record, so that files of earlier versions
    /// can be read.
    /// </param>
    /// <param name="type">The record class at the root, which has a constructor without parameters.</param>
    /// <param name="origin">The file, for messages.</param>
    /// <exception cref="SubbandException">The text is no JSON, or holds a name or a value that is none of the settings'.</exception>
    public static ModelSettings FromJson(string json, Type type, string origin)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return (ModelSettings)FromJson(document.RootElement, type, origin);
        }
        catch (JsonException exception)
        {
            throw new SubbandException($"The settings in {origin} are not sound JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Reads an object of nested objects.</summary>
    internal static object FromJson(JsonElement json, Type type, string origin)
    {
        Dictionary<string, Setting> settings = List(type).ToDictionary(setting => setting.Name);
        return Read(json, "", Activator.CreateInstance(type)!, settings, origin);
    }

    /// <summary>A copy of a record, as <c>with</c> makes it.</summary>
    internal static object Copy(object record) => CopyMethod(record.GetType())!.Invoke(record, null)!;

    private static object Read(
        JsonElement json, string path, object settings, Dictionary<string, Setting> known, string origin)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            string what = path.Length == 0 ? "The settings" : $"The setting '{path}'";
            throw new SubbandException($"{what} in {origin} should be a JSON object, but it is {json.GetRawText()}.");
        }

        foreach (JsonProperty member in json.EnumerateObject())
        {
            string name = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (known.TryGetValue(name, out Setting? setting))
            {
                settings = setting.WithJson(settings, member.Value) ?? throw new SubbandException(
                    $"The setting {name} in {origin} should be {setting.Expected}, but it is {member.Value.GetRawText()}.");
            }
            else if (known.Keys.Any(key => key.StartsWith(name + ".", StringComparison.Ordinal)))
            {
                settings = Read(member.Value, name, settings, known, origin);
            }
            else
            {
                string hint = NearestName.Among(name, known.Keys) is { } nearest ? $" The nearest that exists is {nearest}." : "";
                throw new SubbandException(
                    $"{origin} holds the setting '{name}', which this version of Subband does not know.{hint}");
            }
        }

        return settings;
    }

    private static UsageException Unknown(Type type, string name)
    {
        Setting[] all = [.. List(type)];
        string[] inside = [.. all.Select(setting => setting.Name).Where(known => known.StartsWith(name + ".", StringComparison.Ordinal))];
        if (inside.Length > 0)
        {
            return new UsageException($"'{name}' is a group of settings: {string.Join(", ", inside)}.");
        }

        return NearestName.Among(name, all.Select(setting => setting.Name)) is { } nearest
            ? new UsageException($"There is no setting '{name}'. Did you mean {nearest}?")
            : new UsageException($"There is no setting '{name}'. There are: {string.Join(", ", all.Select(setting => setting.Name))}.");
    }

    private static IEnumerable<Setting> Walk(Type type, PropertyInfo[] path)
    {
        // A derived record's own settings stand before those it inherits; within each, the order of the source file.
        IEnumerable<PropertyInfo> properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .OrderByDescending(property => Depth(property.DeclaringType!))
            .ThenBy(property => property.MetadataToken);
        foreach (PropertyInfo property in properties)
        {
            PropertyInfo[] further = [.. path, property];
            if (property.GetCustomAttribute<SettingAttribute>() is { } attribute && property.CanWrite)
            {
                SettingValue value = SettingValue.For(property.PropertyType) ?? throw new InvalidOperationException(
                    $"{type.Name}.{property.Name} is a setting of type {property.PropertyType}, which is none that settings can have.");
                yield return new Setting(further, attribute, value);
            }
            else if (CopyMethod(property.PropertyType) is not null && property.CanWrite)
            {
                foreach (Setting setting in Walk(property.PropertyType, further))
                {
                    yield return setting;
                }
            }
            else
            {
                throw new InvalidOperationException(
                    $"{type.Name}.{property.Name} is neither a settable property with [Setting] nor a record of settings.");
            }
        }
    }

    private static int Depth(Type type) => type.BaseType is { } above ? 1 + Depth(above) : 0;

    // What the compiler makes for every record class, and `with` calls.
    private static MethodInfo? CopyMethod(Type type) => type.GetMethod("<Clone>$");
}
