using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// What the paths of images say of their splits and classes. The path is <c>[wrapper/]…[split/][class/]…file</c>.
/// </summary>
/// <remarks>
/// Leading folders that all images share are wrappers and say nothing. If a folder at the next level is called train, val,
/// test or unlabeled (or training, valid, validation, testing, unlabelled, in any case), that level is the split, and
/// images outside such folders belong nowhere. The folder below names the class; deeper ones say nothing. With a
/// <see cref="LabelFile"/> no folder names a class.
/// </remarks>
internal sealed class ImageLayout
{
    private static readonly string[] SplitOrder = ["train", "val", "test", "unlabeled"];

    private ImageLayout(string[] splits, string[] classes, (int Split, int Label)?[] places)
    {
        Splits = splits;
        Classes = classes;
        Places = places;
    }

    /// <summary>The splits there are: train, val, test, unlabeled, in this order.</summary>
    public string[] Splits { get; }

    /// <summary>The classes, sorted by the code units of their names; of a <see cref="LabelFile"/> in the order of their numbers.</summary>
    public string[] Classes { get; }

    /// <summary>For each image its split and class, -1 for none; null for one outside the split folders.</summary>
    public (int Split, int Label)?[] Places { get; }

    /// <summary>Reads the layout off the paths of the images, and the classes off a file of labels where there is one.</summary>
    /// <exception cref="SubbandException">An image in its place is not named there.</exception>
    public static ImageLayout Of(IReadOnlyList<string> paths, LabelFile? labels = null)
    {
        ImageLayout byFolder = OfFolders(paths);
        if (labels is null)
        {
            return byFolder;
        }

        int[] inPlace = [.. Enumerable.Range(0, paths.Count).Where(i => byFolder.Places[i] is not null)];
        (int Split, int Label)?[] places = new (int, int)?[paths.Count];
        foreach ((int i, int label) in inPlace.Zip(labels.Of([.. inPlace.Select(i => paths[i])])))
        {
            places[i] = (byFolder.Places[i]!.Value.Split, label);
        }

        return new ImageLayout(byFolder.Splits, labels.Classes, places);
    }

    private static ImageLayout OfFolders(IReadOnlyList<string> paths)
    {
        string[][] folders = [.. paths.Select(path => path.Split('/')[..^1])];
        int level = CountWrappers(folders);
        bool hasSplits = folders.Any(f => SplitAt(f, level) is not null);
        int classLevel = hasSplits ? level + 1 : level;

        (string? Split, string? Class)?[] names = [.. folders.Select(f => Place(f, level, hasSplits, classLevel))];
        string[] splits = [.. SplitOrder.Where(split => names.Any(n => n?.Split == split))];
        string[] classes = [.. names.Select(n => n?.Class).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> labels = classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return new ImageLayout(splits, classes, [.. names.Select(n => n is var (split, @class)
            ? ((int, int)?)(split is null ? -1 : Array.IndexOf(splits, split), @class is null ? -1 : labels[@class])
            : null)]);
    }

    /// <summary>The split that a folder's name stands for, or null.</summary>
    private static string? SplitAt(string[] folders, int level) => level >= folders.Length ? null : folders[level].ToLowerInvariant() switch
    {
        "train" or "training" => "train",
        "val" or "valid" or "validation" => "val",
        "test" or "testing" => "test",
        "unlabeled" or "unlabelled" => "unlabeled",
        _ => null,
    };

    private static (string? Split, string? Class)? Place(string[] folders, int level, bool hasSplits, int classLevel)
    {
        string? split = SplitAt(folders, level);
        if (hasSplits && split is null)
        {
            return null;
        }

        bool hasClass = split != "unlabeled" && classLevel < folders.Length;
        return (split, hasClass ? folders[classLevel] : null);
    }

    private static int CountWrappers(string[][] folders)
    {
        int level = 0;
        while (folders.Length > 0
            && folders.All(f => f.Length > level && f[level] == folders[0][level])
            && SplitAt(folders[0], level) is null)
        {
            level++;
        }

        return level;
    }
}
