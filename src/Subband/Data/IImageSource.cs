using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// A set of images that was opened from a <c>--data SOURCE</c>: a folder, an archive, official binaries, a pack or an
/// endless synthetic stream. See <see cref="ImageSources.Open"/>.
/// </summary>
/// <remarks>
/// Items are numbered from 0 in an order that depends on the data alone, not on the file system or the machine. All members
/// but <see cref="IDisposable.Dispose"/> may be called from several threads at once.
/// </remarks>
public interface IImageSource : IDisposable
{
    /// <summary>The source in full: an absolute path or a name, and its selectors. Opening it again gives the same items.</summary>
    string Name { get; }

    /// <summary>How many items there are, or null where there is no end.</summary>
    long? Count { get; }

    /// <summary>The names of the classes, in the order of their labels; empty where nothing is labelled.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The file inside the source that says of each item what class it is of, such as <c>dataset.json</c>; null where none does.</summary>
    string? LabelsFrom => null;

    /// <summary>The names of the parts such as <c>train</c> and <c>test</c>; empty where the source is not divided.</summary>
    IReadOnlyList<string> Splits { get; }

    /// <summary>
    /// What is not used, each with its reason: at first what was refused on opening, later also the items that turned out
    /// to be undecodable when they were read.
    /// </summary>
    IReadOnlyList<RefusedItem> Refused { get; }

    /// <summary>
    /// 32 hexadecimal digits that tell this set of images from another or a changed one, wherever it lies: they cover the
    /// names, sizes and labels of all items and the content of a sample of them.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>The class of an item, an index into <see cref="Classes"/>, or -1 for none.</summary>
    int Label(long index);

    /// <summary>The part an item belongs to, an index into <see cref="Splits"/>, or -1 for none.</summary>
    int Split(long index);

    /// <summary>What to call an item in a message: its path inside the source, or its place in a file.</summary>
    string ItemName(long index);

    /// <summary>How an item is stored, for a person, such as <c>JPEG, 8 bit, grey</c>; it reads no more than the item's header.</summary>
    /// <exception cref="ImageFileException">The header cannot be read.</exception>
    string Format(long index);

    /// <summary>Reads and decodes an item. The same index gives the same pixels, every time.</summary>
    /// <exception cref="ImageFileException">The item cannot be decoded. This is a property of the data, so that it happens
    /// every time; the item is in <see cref="Refused"/> from now on.</exception>
    /// <exception cref="SubbandException">The data could not be reached, for instance since a file has gone.</exception>
    Rgb8Image Read(long index);

    /// <summary>The same with its transparency, which is not laid on anything; opaque where the source knows of none.</summary>
    /// <returns>Of <see cref="PixelColour.Rgba"/>.</returns>
    /// <exception cref="ImageFileException">As of <see cref="Read"/>.</exception>
    /// <exception cref="SubbandException">As of <see cref="Read"/>.</exception>
    Image8 ReadWithAlpha(long index) => Read(index).To(PixelColour.Rgba);
}

/// <summary>A file or record that is not used.</summary>
/// <param name="Name">Its path inside the source, or its place in a file.</param>
/// <param name="Reason">Why it is not used, in plain words.</param>
public sealed record RefusedItem(string Name, string Reason);
