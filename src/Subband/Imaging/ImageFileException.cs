using Subband.Torch;

namespace Subband.Imaging;

/// <summary>A picture that cannot be read or written.</summary>
public sealed class ImageFileException : SubbandException
{
    /// <summary>Makes an error without a message.</summary>
    public ImageFileException()
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="message">What was found, where, what was expected, and the way out.</param>
    public ImageFileException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with its cause.</summary>
    /// <param name="message">What was found, where, what was expected, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public ImageFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an error about one picture.</summary>
    /// <param name="name">The picture's path, or its name inside an archive.</param>
    /// <param name="reason">What is wrong with it, as the rest of the sentence: <c>is empty (0 bytes).</c></param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ImageFileException(string name, string reason, Exception? innerException = null)
        : base($"{name} {reason}", innerException!)
    {
        Name = name;
        Reason = reason;
    }

    /// <summary>The picture's path, or its name inside an archive; null where the error concerns no single picture.</summary>
    public string? Name { get; }

    /// <summary>What is wrong, without the name, for lists of refused files; null where <see cref="Name"/> is.</summary>
    public string? Reason { get; }
}
