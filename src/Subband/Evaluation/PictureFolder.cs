using Subband.Data;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>The picture files of a folder and of the folders in it, by name: their path within the folder without the extension.</summary>
public static class PictureFolder
{
    /// <summary>Finds them.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The files' paths by name, in the order of the names.</returns>
    /// <exception cref="SubbandException">There is no such folder, it cannot be read, holds no picture, or two that differ in the extension only.</exception>
    public static SortedDictionary<string, string> Files(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder))
        {
            throw new SubbandException(File.Exists(folder) ? $"{folder} is a file; a folder of pictures was expected." : $"There is no folder {folder}.");
        }

        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(ImageFileSource.HasImageExtension))
            {
                string within = Path.GetRelativePath(folder, file);
                string name = within[..^Path.GetExtension(within).Length];
                if (!files.TryAdd(name, file))
                {
                    throw new SubbandException(
                        $"{files[name]} and {file} have the same name but for the extension: which of them counts? Move one elsewhere.");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"The folder {folder} cannot be read: {e.Message}", e);
        }

        return files.Count > 0 ? files : throw new SubbandException($"There is no picture in {folder}: looked for are {ImageFileSource.ExtensionList}.");
    }
}
