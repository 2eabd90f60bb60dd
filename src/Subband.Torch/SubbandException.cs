namespace Subband.Torch;

/// <summary>
/// The base of every error that Subband raises on purpose. The message is one or two plain sentences for a person:
/// what was found, where, what was expected, and what to do.
/// </summary>
public class SubbandException : Exception
{
    /// <summary>Makes an error without a message.</summary>
    public SubbandException()
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="message">What was found, where, what was expected, and the way out.</param>
    public SubbandException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with its cause.</summary>
    /// <param name="message">What was found, where, what was expected, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public SubbandException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
