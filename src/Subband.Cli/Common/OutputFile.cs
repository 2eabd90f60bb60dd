using Subband.Torch;
using Subband.Training;

namespace Subband.Cli.Common;

/// <summary>Looks at <c>--out</c> and its kin before slow work begins, so that a typing error is not found at its end.</summary>
internal static class OutputFile
{
    /// <summary>Refuses a name that cannot become a file of this kind.</summary>
    /// <param name="path">What was typed.</param>
    /// <param name="ending">How the name has to end, such as <c>.png</c>.</param>
    /// <param name="option">Which option names it.</param>
    /// <exception cref="UsageException">The name ends otherwise.</exception>
    /// <exception cref="SubbandException">It is a folder, or its folder does not exist or cannot be written.</exception>
    public static void Require(string path, string ending, string option = "--out")
    {
        if (!path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"{option} names a {ending} file, but '{path}' was given.");
        }

        if (Directory.Exists(path))
        {
            throw new SubbandException($"{option} {path} is a folder; give the name of a file in it, such as {Path.Combine(path, "out" + ending)}.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            throw new SubbandException($"{option} {path} cannot be written: there is no folder {folder}. Make it, or choose another place.");
        }

        FolderAccess.RequireWritable(folder, $"make {Path.GetFileName(path)} in it");
    }
}
