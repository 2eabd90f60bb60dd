namespace Subband.Cli.Common;

/// <summary>What <c>--metrics</c> takes: names behind each other, with commas between them.</summary>
internal static class MetricNames
{
    /// <summary>Reads them.</summary>
    /// <param name="given">What was typed.</param>
    /// <param name="known">The names there are.</param>
    /// <param name="elsewhere">Names that are known, but not here, with the reason; null for none.</param>
    /// <returns>At least one, none twice.</returns>
    /// <exception cref="UsageException">One is none of them, or there is none.</exception>
    public static string[] Parse(string given, string[] known, Func<string, string?>? elsewhere = null)
    {
        string[] names = [.. given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        string? unknown = names.FirstOrDefault(name => !known.Contains(name));
        return (unknown, names) switch
        {
            ({ } name, _) => throw (elsewhere?.Invoke(name) is { } reason ? new UsageException(reason) : UsageException.UnknownName("metric", name, known)),
            (_, []) => throw new UsageException($"--metrics names nothing to measure; there are: {string.Join(", ", known)}."),
            _ => names,
        };
    }
}
