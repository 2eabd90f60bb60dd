using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.Import;

/// <summary>The weights of one network in somebody else's file, out of what they are wrapped in.</summary>
internal sealed class ForeignWeights
{
    private const int NamesListed = 12;
    private const int DeepestWrapping = 6;

    // What training scripts put the weights into, the better first: a running average before what it is the average of.
    private static readonly string[] Dictionaries =
        ["params_ema.", "ema_state_dict.", "params.", "state_dict.", "model_state_dict.", "model.", "net.", "network."];

    // What PyTorch and its training frameworks put before every name.
    private static readonly string[] Prefixes = ["module.", "_orig_mod.", "generator.", "discriminator.", "net_g.", "net_d.", "model."];

    private readonly TensorArchive _file;
    private readonly string _prefix;

    private ForeignWeights(TensorArchive file, string prefix)
    {
        _file = file;
        _prefix = prefix;
        Names = Below(file, prefix);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Which part of the file they are, such as <c>params_ema</c>; empty for all of it.</summary>
    public string Part => _prefix.TrimEnd('.');

    /// <summary>The names of the tensors, as the network's author has them, without what only counts steps.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Takes off what is around the weights.</summary>
    /// <param name="file">The file; it must stay open.</param>
    /// <param name="isKnown">Whether names are those of a network that is known.</param>
    /// <returns>The weights; where nothing known is found, all that the file holds.</returns>
    public static ForeignWeights Unwrap(TensorArchive file, Func<IReadOnlyList<string>, bool> isKnown) =>
        new(file, Find(file, "", isKnown, DeepestWrapping) ?? "");

    /// <summary>Whether there is a tensor of a name.</summary>
    public bool Has(string name) => Names.Contains(name);

    /// <summary>A tensor of a name, on the CPU, in the present scope.</summary>
    public Tensor this[string name] => _file.Find(_prefix + name) ?? throw Lacks(name);

    /// <summary>A plain number beside the tensors; null where there is none. See <see cref="TensorArchive.FindNumber"/>.</summary>
    public double? Number(string path) => _file.FindNumber(_prefix + path);

    /// <summary>The shape of a tensor that the network's numbers are read from.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dimensions">How many numbers its shape should have.</param>
    /// <exception cref="SubbandException">There is no such tensor, or its shape has more or fewer numbers.</exception>
    public long[] Shape(string name, int dimensions)
    {
        using var scope = new TensorScope();
        long[] shape = this[name].Shape.ToArray();
        return shape.Length == dimensions && !shape.Contains(0)
            ? shape
            : throw new SubbandException($"{Path}: tensor '{name}' has shape {Text(shape)}; {dimensions} numbers, none of them 0, were expected.");
    }

    /// <summary>How many parts of a row there are: 1 + the largest number that stands between two texts in a name.</summary>
    /// <param name="before">Such as <c>body.</c>.</param>
    /// <param name="after">What follows the number at once, such as <c>.conv.weight</c>.</param>
    /// <exception cref="SubbandException">There is none.</exception>
    public int Count(string before, string after)
    {
        var largest = Names.Where(name => name.StartsWith(before, StringComparison.Ordinal))
            .Select(name => name[before.Length..])
            .Where(rest => rest.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && rest[dot..].StartsWith(after, StringComparison.Ordinal))
            .Select(rest => int.TryParse(rest[..rest.IndexOf('.', StringComparison.Ordinal)], out var number) ? number : -1)
            .DefaultIfEmpty(-1)
            .Max();
        return largest >= 0 ? largest + 1 : throw Lacks($"{before}0{after}");
    }

    /// <summary>Copies all weights into a network, or none.</summary>
    /// <param name="targets">The network's tensors, by the names that they have in the file.</param>
    /// <param name="what">Such as "RCAN in the layout of BasicSR".</param>
    /// <param name="further">Names that the file may have beyond.</param>
    /// <exception cref="SubbandException">They do not fit; the message lists what is missing, unexpected or of another shape.</exception>
    public void Fill(IEnumerable<(string Name, Tensor Tensor)> targets, string what, params IReadOnlyList<string> further)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        (string Name, Tensor Tensor)[] wanted = [.. targets];
        HashSet<string> present = [.. Names];
        string[] missing = [.. wanted.Select(entry => entry.Name).Where(name => !present.Contains(name))];
        string[] unexpected = [.. Names.Except(wanted.Select(entry => entry.Name)).Except(further)];
        (Tensor Target, Tensor Value, string Name)[] pairs =
            [.. wanted.Where(entry => present.Contains(entry.Name)).Select(entry => (entry.Tensor, this[entry.Name], entry.Name))];
        string[] misshaped =
        [
            .. pairs.Where(pair => !pair.Value.Shape.SequenceEqual(pair.Target.Shape)).Select(pair =>
                $"{pair.Name} is {Text(pair.Value.Shape.ToArray())} instead of {Text(pair.Target.Shape.ToArray())}"),
        ];
        if (missing.Length + unexpected.Length + misshaped.Length > 0)
        {
            string[] faults = [.. Fault("missing", missing), .. Fault("unexpected", unexpected), .. Fault("of another shape", misshaped)];
            throw new SubbandException(
                $"{Path} looks like {what}, but its {Names.Count} tensors are not the {wanted.Length} of that network: "
                + $"{string.Join("; ", faults)}. Nothing was loaded.");
        }

        foreach (var (target, value, _) in pairs)
        {
            target.CopyFrom(value);
        }
    }

    private static string? Find(TensorArchive file, string prefix, Func<IReadOnlyList<string>, bool> isKnown, int deeper)
    {
        var names = Below(file, prefix);
        if (isKnown(names))
        {
            return prefix;
        }

        if (deeper == 0)
        {
            return null;
        }

        var inner = Dictionaries.Where(dictionary => names.Any(name => name.StartsWith(dictionary, StringComparison.Ordinal)))
            .Concat(Prefixes.Where(common => names.Length > 0 && names.All(name => name.StartsWith(common, StringComparison.Ordinal)))).Distinct();
        return inner.Select(next => Find(file, prefix + next, isKnown, deeper - 1)).FirstOrDefault(found => found is not null);
    }

    // BatchNorm2d and averages count their steps in a tensor each, which no network needs that is not trained on.
    private static string[] Below(TensorArchive file, string prefix) =>
    [
        .. file.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..])
            .Where(name => name != "n_averaged" && !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)),
    ];

    private static IEnumerable<string> Fault(string kind, string[] names) => names.Length == 0 ? [] :
        [$"{names.Length} {kind} ({string.Join(", ", names.Take(NamesListed).Select(FileText.Shown))}{(names.Length > NamesListed ? ", …" : "")})"];

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    private SubbandException Lacks(string name) => new(
        $"{Path} lacks the tensor '{name}', which tells how large the network is"
        + (Names.Count == 0
            ? "; it holds no tensors at all."
            : $". It has {Names.Count}, such as {string.Join(", ", Names.Take(5).Select(FileText.Shown))}."));
}
