using Subband.Torch;
using Subband.Training;

namespace Subband.Cli.Common;

/// <summary>Folders that files are written into.</summary>
internal static class OutputFolder
{
    /// <summary>Refuses a name that is a file's.</summary>
    /// <param name="path">What was typed.</param>
    /// <param name="option">The option that it was typed for.</param>
    /// <exception cref="SubbandException">It is a file.</exception>
    public static void Require(string path, string option)
    {
        if (File.Exists(path))
        {
            throw new SubbandException($"{option} {path} is a file; give a folder.");
        }
    }

    /// <summary>Makes a folder, and those around it, unless they are there.</summary>
    /// <exception cref="SubbandException">It cannot be made, or nothing can be written into it.</exception>
    public static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"The folder {path} cannot be made: {error.Message.TrimEnd('.')}.", error);
        }

        FolderAccess.RequireWritable(path, "make files in it");
    }
}
