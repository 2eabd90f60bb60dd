using System.Globalization;
using System.Text.Json;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// The <c>dataset.json</c> of StyleGAN: beside images in folders that mean nothing, which class each of them is of.
/// </summary>
/// <remarks>
/// <para>
/// Written by <c>dataset_tool.py</c> of NVlabs/stylegan2-ada-pytorch and NVlabs/stylegan3, read there by
/// <c>training/dataset.py</c>: <c>{"labels": [["00000/img00000000.png", 6], …]}</c>, or <c>null</c> for no labels. A name is the path from the
/// file's folder. A label is the number of a class, or a vector, of which only one-hot ones are classes.
/// </para>
/// <para>As there, number i is class i, named so, whether it occurs or not, and every image has to be named.</para>
/// </remarks>
internal sealed class LabelFile
{
    // A number beyond is no class but something else, such as a time; each has a name and a weight of its own.
    private const int MaxClasses = 100_000;

    private const string BaseName = "dataset.json";

    private readonly string _place;
    private readonly string _folder;
    private readonly Dictionary<string, int>? _labels;

    private LabelFile(IFileStore store, int file)
    {
        File = file;
        Name = store.Files[file].Name;
        _folder = Name[..^BaseName.Length];
        _place = $"{store.Path}: {Name}";
        using JsonDocument json = Parse(store);
        _labels = ReadLabels(json.RootElement, out int classes);
        Classes = [.. Enumerable.Range(0, classes).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>Which file of the store it is.</summary>
    public int File { get; }

    /// <summary>Its path in the store.</summary>
    public string Name { get; }

    /// <summary>The numbers of the classes as text, from 0 to the greatest; none where nothing is labelled.</summary>
    public string[] Classes { get; }

    /// <summary>Whether a file has the name, wherever it lies.</summary>
    public static bool IsCalledSo(StoredFile file) => file.BaseName == BaseName;

    /// <summary>Reads the file above all images, the outermost of several; null where there is none.</summary>
    /// <param name="store">The files.</param>
    /// <param name="images">The names of those that are images.</param>
    /// <exception cref="SubbandException">It is no such file, or a label is no class.</exception>
    public static LabelFile? Find(IFileStore store, IReadOnlyList<string> images)
    {
        int file = Enumerable.Range(0, store.Files.Count)
            .Where(i => IsCalledSo(store.Files[i]) && IsAbove(store.Files[i].Name[..^BaseName.Length]))
            .OrderBy(i => store.Files[i].Name.Length)
            .FirstOrDefault(-1);
        return file < 0 ? null : new LabelFile(store, file);

        bool IsAbove(string folder) => images.All(image => image.StartsWith(folder, StringComparison.Ordinal));
    }

    /// <summary>The class of each image, -1 where nothing is labelled.</summary>
    /// <param name="images">Their names in the store.</param>
    /// <exception cref="SubbandException">An image is not named in the file.</exception>
    public int[] Of(IReadOnlyList<string> images)
    {
        if (_labels is null)
        {
            return [.. images.Select(_ => -1)];
        }

        string[] unnamed = [.. images.Where(image => !_labels.ContainsKey(image[_folder.Length..]))];
        return unnamed.Length == 0
            ? [.. images.Select(image => _labels[image[_folder.Length..]])]
            : throw new SubbandException($"{_place} gives labels, but not to {unnamed[0]}"
                + $"{(unnamed.Length == 1 ? "" : $" and {unnamed.Length - 1} others")} of {images.Count} images; "
                + "name every image there, take away those that are not to be used, or write \"labels\": null for none.");
    }

    /// <summary>What the file names and the store lacks, each with that reason.</summary>
    public IEnumerable<RefusedItem> Missing(IFileStore store)
    {
        HashSet<string> there = [.. store.Files.Select(file => file.Name), .. store.Refused.Select(item => item.Name)];
        return (_labels?.Keys ?? Enumerable.Empty<string>()).Select(name => _folder + name).Where(name => !there.Contains(name))
            .Select(name => new RefusedItem(name, $"is named in {Name}, but there is no such file."));
    }

    private JsonDocument Parse(IFileStore store)
    {
        if (store.Files[File].Length > StoredFiles.MaxLength)
        {
            throw Refuse($"has {store.Files[File].Length} bytes; of at most {StoredFiles.MaxLength} it is read.");
        }

        try
        {
            return JsonDocument.Parse(store.Read(File));
        }
        catch (ImageFileException e) when (e.Reason is not null)
        {
            throw new SubbandException($"{_place} {e.Reason} Get it again.", e);
        }
        catch (JsonException e)
        {
            throw new SubbandException($"{_place} is not sound JSON: {e.Message.TrimEnd('.')}. Get it again, or remove it to take classes from folders.", e);
        }
    }

    private Dictionary<string, int>? ReadLabels(JsonElement root, out int classes)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("labels", out JsonElement labels))
        {
            throw Refuse($"is not as StyleGAN's dataset_tool.py writes it: it has no \"labels\"{Found(root)}. "
                + "Add them (null for none), or remove or rename the file to take classes from folders.");
        }

        classes = 0;
        if (labels.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (labels.ValueKind != JsonValueKind.Array || labels.GetArrayLength() == 0)
        {
            throw Refuse($"should have a list of names with labels, or null, as its \"labels\"{Found(labels)}.");
        }

        Dictionary<string, int> read = new(StringComparer.Ordinal);
        int length = Length(labels[0]);
        foreach ((int i, JsonElement entry) in labels.EnumerateArray().Index())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String)
            {
                throw Refuse($"should give each image as [\"name\", label]; the entry {i} is otherwise{Found(entry)}.");
            }

            string name = StoredFiles.Normalise(entry[0].GetString()!) ?? throw Refuse($"names an image outside its folder: {entry[0].GetString()}.");
            if (Length(entry) != length)
            {
                throw Refuse($"mixes labels of different kinds: that of {name} is unlike the first{Found(entry[1])}.");
            }

            int label = length < 0 ? Number(name, entry[1]) : OneHot(name, entry[1]);
            classes = Math.Max(classes, length < 0 ? label + 1 : length);
            if (!read.TryAdd(name, label) && read[name] != label)
            {
                throw Refuse($"names {name} twice, of class {read[name]} and of class {label}.");
            }
        }

        return read;
    }

    // How long the vector of an entry is, -1 where it is none.
    private static int Length(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 && entry[1].ValueKind == JsonValueKind.Array ? entry[1].GetArrayLength() : -1;

    private int Number(string name, JsonElement label) =>
        label.ValueKind == JsonValueKind.Number && label.GetDouble() is >= 0 and < MaxClasses and double number && number == Math.Truncate(number)
            ? (int)number
            : throw Refuse($"should label {name} with the number of a class, from 0 to {MaxClasses - 1}, or a one-hot vector{Found(label)}.");

    private int OneHot(string name, JsonElement vector)
    {
        double[] values = [.. vector.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN)];
        return values.Count(value => value == 1) == 1 && values.Count(value => value == 0) == values.Length - 1 && values.Length <= MaxClasses
            ? Array.IndexOf(values, 1)
            : throw Refuse($"labels {name} with a vector that is not one-hot (one 1 among zeros){Found(vector)}. "
                + "Only classes are learned, not other conditions; write \"labels\": null to learn without.");
    }

    private SubbandException Refuse(string what) => new($"{_place} {what}");

    // The beginning of what stands there.
    private static string Found(JsonElement element)
    {
        const int Shown = 60;
        string text = element.GetRawText();
        return $"; found {(text.Length > Shown ? text[..Shown] + "…" : text)}";
    }
}
