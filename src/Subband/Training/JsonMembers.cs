using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// Writes JSON for people to read, and reads the members of objects that may be damaged; what is missing or of another kind
/// is named.
/// </summary>
internal static class JsonMembers
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of an object, one member a line, with characters of all languages as they are.</summary>
    public static string ToIndentedText(this JsonObject json) => json.ToJsonString(Indented);

    /// <summary>Refuses a file whose <c>format</c> is later than what this version reads.</summary>
    /// <param name="root">The file's object, with the <c>version</c> of Subband that wrote it.</param>
    /// <param name="known">The latest format that is read.</param>
    /// <param name="origin">The file, for messages.</param>
    /// <exception cref="SubbandException">It is later.</exception>
    /// <exception cref="FormatException">The members are missing or of another kind.</exception>
    public static void RequireFormat(this JsonElement root, int known, string origin)
    {
        long format = root.WholeNumber("format");
        if (format > known)
        {
            throw new SubbandException(
                $"{origin} was written by Subband {root.Text("version")} in format {format}; "
                + $"this is Subband {ProductVersion.Text}, which reads up to {known}. Use the later version.");
        }
    }

    /// <exception cref="FormatException">There is no such member.</exception>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.ValueKind != JsonValueKind.Object ? throw new FormatException($"'{name}' is looked for in something that is no object")
        : parent.TryGetProperty(name, out JsonElement member) ? member
        : throw new FormatException($"'{name}' is missing");

    /// <exception cref="FormatException">There is no such member, or it is no text.</exception>
    public static string Text(this JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.String } member
            ? member.GetString()!
            : throw new FormatException($"'{name}' is no text");

    /// <exception cref="FormatException">There is no such member, or it is no list of texts.</exception>
    public static string[] Texts(this JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.Array } list
            && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : throw new FormatException($"'{name}' is no list of texts");

    /// <exception cref="FormatException">There is no such member, or it is no whole number.</exception>
    public static long WholeNumber(this JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out long number)
            ? number
            : throw new FormatException($"'{name}' is no whole number");

    /// <exception cref="FormatException">There is no such member, or it is no number.</exception>
    public static double Number(this JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.Number } member
            ? member.GetDouble()
            : throw new FormatException($"'{name}' is no number");
}
