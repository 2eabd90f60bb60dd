namespace Subband.Torch.Serialization;

/// <summary>
/// A weight file is not what it should be: cut off, damaged, of another kind, or made to do harm. The message names the
/// file, the check that failed and where, and what the file seems to be.
/// </summary>
public sealed class FileFormatException : SubbandException
{
    /// <summary>Makes an error without a message.</summary>
    public FileFormatException()
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="message">The file, the check that failed, and the way out.</param>
    public FileFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with its cause.</summary>
    /// <param name="message">The file, the check that failed, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public FileFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
