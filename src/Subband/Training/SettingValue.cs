using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Subband.Training;

/// <summary>The kinds of values that a setting can take: how each is read from text and from JSON, and written to both.</summary>
internal abstract class SettingValue
{
    private const string NoneText = "none";

    /// <summary>What may be written, after the word "takes": <c>a whole number</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>The kind that belongs to a type, or null where settings of that type are not known.</summary>
    public static SettingValue? For(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? For(inner) is { } kind ? new OptionalValue(kind) : null
        : type == typeof(int) ? new NumberValue<int>("a whole number", NumberStyles.AllowLeadingSign)
        : type == typeof(long) ? new NumberValue<long>("a whole number", NumberStyles.AllowLeadingSign)
        : type == typeof(double) ? new NumberValue<double>("a number", NumberStyles.Float)
        : type == typeof(bool) ? new BooleanValue()
        : type == typeof(string) ? new StringValue()
        : type.IsEnum ? new EnumValue(type)
        : type.IsAssignableFrom(typeof(int[])) && ElementOf(type) == typeof(int) ? new ListValue<int>(For(typeof(int))!)
        : type.IsAssignableFrom(typeof(double[])) && ElementOf(type) == typeof(double) ? new ListValue<double>(For(typeof(double))!)
        : null;

    /// <summary>Reads what a person wrote.</summary>
    public abstract bool TryParse(string text, out object? value);

    /// <summary>Reads what <see cref="ToJson"/> wrote; nothing is converted, a number in quotes is no number.</summary>
    public abstract bool TryRead(JsonElement json, out object? value);

    /// <summary>What <see cref="TryParse"/> reads back.</summary>
    public abstract string Text(object? value);

    /// <summary>What <see cref="TryRead"/> reads back.</summary>
    public abstract JsonNode? ToJson(object? value);

    /// <summary>The numbers in a value, for comparing them with a range.</summary>
    public virtual IEnumerable<double> Numbers(object? value) => [];

    private static Type? ElementOf(Type list) =>
        list.IsArray ? list.GetElementType() : list.IsGenericType ? list.GetGenericArguments()[0] : null;

    private sealed class NumberValue<T>(string expected, NumberStyles style) : SettingValue
        where T : struct, System.Numerics.INumber<T>
    {
        public override string Expected => expected;

        public override bool TryParse(string text, out object? value)
        {
            bool isNumber = T.TryParse(text, style, CultureInfo.InvariantCulture, out T number) && T.IsFinite(number);
            value = isNumber ? number : null;
            return isNumber;
        }

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = null;
            return json.ValueKind == JsonValueKind.Number && TryParse(json.GetRawText(), out value);
        }

        public override string Text(object? value) => ((T)value!).ToString(null, CultureInfo.InvariantCulture);

        public override JsonNode? ToJson(object? value) => JsonValue.Create((T)value!);

        public override IEnumerable<double> Numbers(object? value) => [double.CreateChecked((T)value!)];
    }

    private sealed class BooleanValue : SettingValue
    {
        public override string Expected => "true or false";

        public override bool TryParse(string text, out object? value)
        {
            bool isKnown = bool.TryParse(text, out bool parsed);
            value = parsed;
            return isKnown;
        }

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = json.ValueKind == JsonValueKind.True;
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }

        public override string Text(object? value) => (bool)value! ? "true" : "false";

        public override JsonNode? ToJson(object? value) => JsonValue.Create((bool)value!);
    }

    private sealed class StringValue : SettingValue
    {
        public override string Expected => "a text";

        public override bool TryParse(string text, out object? value)
        {
            value = text;
            return true;
        }

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
            return value is not null;
        }

        public override string Text(object? value) => (string)value!;

        public override JsonNode? ToJson(object? value) => JsonValue.Create((string)value!);
    }

    private sealed class EnumValue(Type type) : SettingValue
    {
        private readonly string[] _names = Array.ConvertAll(Enum.GetNames(type), JsonNamingPolicy.CamelCase.ConvertName);
        private readonly object[] _values = [.. Enum.GetValues(type).Cast<object>()];

        public override string Expected => _names.Length == 1 ? _names[0] : $"{string.Join(", ", _names[..^1])} or {_names[^1]}";

        public override bool TryParse(string text, out object? value)
        {
            int index = Array.IndexOf(_names, text);
            value = index < 0 ? null : _values[index];
            return index >= 0;
        }

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = null;
            return json.ValueKind == JsonValueKind.String && TryParse(json.GetString()!, out value);
        }

        public override string Text(object? value) => _names[Array.IndexOf(_values, value)];

        public override JsonNode? ToJson(object? value) => JsonValue.Create(Text(value));
    }

    private sealed class ListValue<T>(SettingValue element) : SettingValue
    {
        public override string Expected => typeof(T) == typeof(int)
            ? "whole numbers with commas between them, as in 8,16,32"
            : "numbers with commas between them, as in 0.5,1";

        public override bool TryParse(string text, out object? value) =>
            TryAll(text.Length == 0 ? [] : text.Split(','), (string part, out object? item) => element.TryParse(part.Trim(), out item), out value);

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = null;
            return json.ValueKind == JsonValueKind.Array && TryAll(json.EnumerateArray(), element.TryRead, out value);
        }

        public override string Text(object? value) => string.Join(",", ((IEnumerable<T>)value!).Select(item => element.Text(item)));

        public override JsonNode? ToJson(object? value) =>
            new JsonArray([.. ((IEnumerable<T>)value!).Select(item => element.ToJson(item))]);

        public override IEnumerable<double> Numbers(object? value) =>
            ((IEnumerable<T>)value!).SelectMany(item => element.Numbers(item));

        private static bool TryAll<TPart>(IEnumerable<TPart> parts, Reader<TPart> read, out object? value)
        {
            List<T> items = [];
            value = null;
            foreach (TPart part in parts)
            {
                if (!read(part, out object? item))
                {
                    return false;
                }

                items.Add((T)item!);
            }

            value = items.ToArray();
            return true;
        }

        private delegate bool Reader<TPart>(TPart part, out object? value);
    }

    private sealed class OptionalValue(SettingValue inner) : SettingValue
    {
        public override string Expected => $"{NoneText}, or {inner.Expected}";

        public override bool TryParse(string text, out object? value)
        {
            value = null;
            return text == NoneText || inner.TryParse(text, out value);
        }

        public override bool TryRead(JsonElement json, out object? value)
        {
            value = null;
            return json.ValueKind == JsonValueKind.Null || inner.TryRead(json, out value);
        }

        public override string Text(object? value) => value is null ? NoneText : inner.Text(value);

        public override JsonNode? ToJson(object? value) => value is null ? null : inner.ToJson(value);

        public override IEnumerable<double> Numbers(object? value) => value is null ? [] : inner.Numbers(value);
    }
}
