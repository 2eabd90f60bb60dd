using System.Runtime.CompilerServices;
using Subband.Imaging;

namespace Subband.Diagnostics;

/// <summary>What can be done with image files.</summary>
/// <param name="IsAvailable">Whether image files can be read and written at all.</param>
/// <param name="Failure">What is wrong, with the remedy; null if nothing is.</param>
/// <param name="VipsVersion">The version of libvips; null if it is not there.</param>
/// <param name="Reads">The formats that this libvips reads, of those that Subband knows.</param>
/// <param name="CannotRead">The formats that Subband knows and this libvips was built without.</param>
public sealed record ImageReport(
    bool IsAvailable,
    string? Failure,
    string? VipsVersion,
    IReadOnlyList<string> Reads,
    IReadOnlyList<string> CannotRead)
{
    // A format's name, and the operation by which libvips reads it; bitmaps it reads through ImageMagick.
    private static readonly (string Name, string Loader)[] Formats =
    [
        ("PNG", "pngload_buffer"),
        ("JPEG", "jpegload_buffer"),
        ("WebP", "webpload_buffer"),
        ("TIFF", "tiffload_buffer"),
        ("GIF", "gifload_buffer"),
        ("BMP", "magickload_buffer"),
    ];

    internal static ImageReport Gather() => ImageFile.IsAvailable(out string reason)
        ? Ask()
        : new ImageReport(false, reason, null, [], [.. Formats.Select(f => f.Name)]);

    // A method of its own: compiling it loads NetVips.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ImageReport Ask()
    {
        ILookup<bool, string> formats = Formats.ToLookup(
            f => NetVips.NetVips.TypeFind("VipsOperation", f.Loader) != 0, f => f.Name);
        string version = $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
        return new ImageReport(true, null, version, [.. formats[true]], [.. formats[false]]);
    }
}
