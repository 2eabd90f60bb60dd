using Subband.Torch;

namespace Subband;

/// <summary>
/// A wrong option, setting or name: something to correct in what was typed rather than on the disk. The command line
/// exits with code 2 for it.
/// </summary>
public class UsageException : SubbandException
{
    /// <summary>Makes an error without a message.</summary>
    public UsageException()
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="message">What was given, what was expected, and the way out.</param>
    public UsageException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with its cause.</summary>
    /// <param name="message">What was given, what was expected, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The place of a name among the known ones.</summary>
    /// <inheritdoc cref="UnknownName"/>
    /// <exception cref="UsageException">It is none of them; see <see cref="UnknownName"/>.</exception>
    public static int RequireKnown(string kind, string given, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Index().Where(entry => entry.Item == given).Select(entry => (int?)entry.Index).FirstOrDefault()
            ?? throw UnknownName(kind, given, known);
    }

    /// <summary>The error for a name that is none of the known ones; it offers the nearest and lists all.</summary>
    /// <param name="kind">What the name should have named, for instance <c>class</c> or <c>preset</c>.</param>
    /// <param name="given">The name that was given.</param>
    /// <param name="known">The names there are.</param>
    public static UsageException UnknownName(string kind, string given, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        string? nearest = NearestName.Among(given, known);
        string hint = nearest is null ? "" : $" Did you mean '{nearest}'?";
        string list = known.Count == 0 ? "" : $" There are: {string.Join(", ", known)}.";
        return new UsageException($"There is no {kind} '{given}'.{hint}{list}");
    }
}
