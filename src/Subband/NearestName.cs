namespace Subband;

/// <summary>Finds what somebody probably meant by a name that does not exist.</summary>
public static class NearestName
{
    /// <summary>The known name with the fewest typing errors to the given one, or null where none is near.</summary>
    /// <param name="given">The name that was given; case counts for less than letters.</param>
    /// <param name="known">The names there are; the first of equally near ones wins.</param>
    /// <remarks>
    /// Near means at most a third of the letters, and at least one letter, inserted, deleted, replaced or swapped with its
    /// neighbour; a name of which the given one is the beginning or a dotted part, or that begins it, is near as well.
    /// </remarks>
    public static string? Among(string given, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(known);
        string wanted = given.ToLowerInvariant();
        if (wanted.Length == 0)
        {
            return null;
        }

        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string name in known)
        {
            string candidate = name.ToLowerInvariant();
            int distance = Distance(wanted, candidate);
            bool isPart = wanted.Length >= 3 && (candidate.StartsWith(wanted, StringComparison.Ordinal)
                || candidate.EndsWith("." + wanted, StringComparison.Ordinal));
            isPart |= candidate.Length >= 3 && wanted.StartsWith(candidate, StringComparison.Ordinal);
            bool isNear = isPart || distance <= Math.Max(1, Math.Max(wanted.Length, candidate.Length) / 3);
            if (isNear && distance < bestDistance)
            {
                (best, bestDistance) = (name, distance);
            }
        }

        return best;
    }

    /// <summary>The edit distance with swaps of neighbours (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
