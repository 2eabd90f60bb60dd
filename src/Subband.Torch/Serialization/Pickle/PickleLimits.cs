namespace Subband.Torch.Serialization.Pickle;

/// <summary>
/// What a file may ask for at most. Each limit is far above what real checkpoints need, a hundred thousand tensors
/// included, and low enough that a hostile file ends in an error before memory or patience does.
/// </summary>
internal static class PickleLimits
{
    /// <summary>Instructions run plus items copied, and objects met on a walk through the tree.</summary>
    public const long Items = 8_000_000;

    /// <summary>How deep lists and dictionaries may be nested.</summary>
    public const int Depth = 64;

    /// <summary>The bytes of one whole number; Python's have no bound.</summary>
    public const int NumberLength = 1024;

    /// <summary>The bytes of a module's or class's name.</summary>
    public const int GlobalNameLength = 256;

    /// <summary>The characters of the dotted names of all tensors together.</summary>
    public const long PathCharacters = 1 << 26;

    /// <summary>
    /// The bytes of all tensors laid out: views may share a storage or repeat an element, and so unfold to more than
    /// the file, but not without bound.
    /// </summary>
    public static Int128 UnfoldedBytes(long fileLength) => ((Int128)16 * fileLength) + (1L << 30);
}
