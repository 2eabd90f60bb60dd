using System.Globalization;
using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>How photographs are enlarged and written.</summary>
public sealed record UpscaleSettings
{
    /// <summary>The quality of JPEG and WebP unless another is asked for.</summary>
    public const int StandardQuality = 95;

    /// <summary>The size of the result.</summary>
    public UpscaleSize Size { get; init; } = new();

    /// <summary>Of JPEG and WebP, 1 to 100; a WebP of quality 100 is without loss.</summary>
    public int Quality { get; init; } = StandardQuality;

    /// <summary>Whether what stands beside the pixels is left out, and the orientation applied to them instead.</summary>
    public bool Strip { get; init; }

    /// <summary>Whether the result is corrected until, shrunk, it is the original again; see <see cref="UpscaledFile.Deviation"/>.</summary>
    public bool Consistent { get; init; }

    /// <summary>Whether the model is asked eight times; only told here, see <see cref="Models.SuperResolution.SelfEnsemble"/>.</summary>
    public bool SelfEnsemble { get; init; }

    /// <summary>The side of a tile in pixels of the small image; null for what memory allows.</summary>
    public int? TileSide { get; init; }

    /// <summary>A picture with more pixels is refused by its header.</summary>
    public long MaximumPixels { get; init; } = ImageFile.DefaultMaximumPixels;

    /// <summary>What decides about the pixels and bytes of a result, apart from model, original and format.</summary>
    internal string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"{Size}|q{Quality}|{(Strip ? "strip|" : "")}{(Consistent ? "consistent|" : "")}{(SelfEnsemble ? "x8|" : "")}{ProductVersion.Text}");
}

/// <summary>What became of one photograph.</summary>
/// <param name="Width">Of the result as it is shown.</param>
/// <param name="Height">Of the result as it is shown.</param>
/// <param name="Factor">By how much the model enlarged; 1 where plain resampling did all.</param>
/// <param name="TileWidth">Of what the model had at a time at the end, a tile or some rows; 0 where no model had a part in it.</param>
/// <param name="TileHeight">Of the same.</param>
/// <param name="Deviation">With <see cref="UpscaleSettings.Consistent"/>: by how many grey levels the shrunk result differs from the original at most.</param>
/// <param name="Notes">What is to be known, each the end of a sentence about the file.</param>
public sealed record UpscaledFile(
    int Width, int Height, int Factor, int TileWidth, int TileHeight, int? Deviation, IReadOnlyList<string> Notes);
