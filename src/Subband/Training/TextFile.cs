using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>Reads the small text files of a run.</summary>
internal static class TextFile
{
    /// <summary>The whole content.</summary>
    /// <exception cref="SubbandException">The file is missing or cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (DiskStep.IsDiskError(exception))
        {
            string reason = exception is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file"
                : exception.Message.TrimEnd('.');
            throw new SubbandException($"Cannot read {path}: {reason}.", exception);
        }
    }
}
