namespace Subband.Torch;

/// <summary>Copies between tensors that stand for each other by name.</summary>
internal static class TensorsByName
{
    private const int NamesShown = 5;

    /// <summary>Copies a value into every target from the tensor of the same name, or into none of them.</summary>
    /// <param name="targets">What to fill, by name.</param>
    /// <param name="source">Finds a tensor by name; null when there is none.</param>
    /// <param name="origin">What the source's tensors come from, for the error message.</param>
    /// <exception cref="SubbandException">A name is missing or a shape differs.</exception>
    public static void Copy(IEnumerable<(string Name, Tensor Tensor)> targets, Func<string, Tensor?> source, string origin)
    {
        using var scope = new TensorScope(); // a source may make its tensors anew
        var pairs = new List<(Tensor Target, Tensor Source)>();
        var missing = new List<string>();
        foreach (var (name, target) in targets)
        {
            if (source(name) is { } found)
            {
                RequireShape(name, found, target, origin);
                pairs.Add((target, found));
            }
            else
            {
                missing.Add(name);
            }
        }

        if (missing.Count > 0)
        {
            throw new SubbandException(
                $"{origin}: {missing.Count} of the {missing.Count + pairs.Count} tensors that are needed are missing: "
                + string.Join(", ", missing.Take(NamesShown)) + (missing.Count > NamesShown ? ", …" : "."));
        }

        using var noGrad = Autograd.NoGrad();
        foreach (var (target, value) in pairs)
        {
            target.CopyFrom(value);
        }
    }

    private static void RequireShape(string name, Tensor found, Tensor target, string origin)
    {
        if (!found.Shape.SequenceEqual(target.Shape))
        {
            throw new SubbandException(
                $"{origin}: tensor '{name}' has shape [{string.Join(", ", found.Shape.ToArray())}], "
                + $"[{string.Join(", ", target.Shape.ToArray())}] is needed.");
        }
    }
}
