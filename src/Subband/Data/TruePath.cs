using Subband.Torch;

namespace Subband.Data;

/// <summary>Where paths lead when every symbolic link in them is followed, so that a place can be told from another.</summary>
internal static class TruePath
{
    // As many as Linux follows.
    private const int MaxLinks = 40;

    /// <summary>The path without links that leads to the same place.</summary>
    /// <param name="path">An absolute path.</param>
    /// <exception cref="SubbandException">It leads through too many links.</exception>
    public static string Of(string path)
    {
        string place = Path.GetPathRoot(path)!;
        Stack<string> rest = [];
        Push(rest, path[place.Length..]);
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == "..")
            {
                // Without links in it, the place above is the shorter path.
                place = Path.GetDirectoryName(place) ?? place;
                continue;
            }

            string next = Path.Combine(place, part);
            if (new DirectoryInfo(next).LinkTarget is not string target)
            {
                place = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new SubbandException($"{path} leads through more than {MaxLinks} links; give the place itself.");
            }

            string root = Path.GetPathRoot(target)!;
            place = root.Length > 0 ? root : place;
            Push(rest, target[root.Length..]);
        }

        return place;
    }

    private static void Push(Stack<string> rest, string path)
    {
        foreach (string part in path.Split(Path.DirectorySeparatorChar).Reverse().Where(part => part.Length > 0 && part != "."))
        {
            rest.Push(part);
        }
    }
}
