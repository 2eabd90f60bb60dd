namespace Subband.Imaging;

/// <summary>The kinds of image file that are read, told by their first bytes and never by the file's name.</summary>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics; of an animated one, the default image.</summary>
    Png,

    /// <summary>JPEG, baseline and progressive.</summary>
    Jpeg,

    /// <summary>WebP, lossy and lossless; of an animated one, the first frame.</summary>
    WebP,

    /// <summary>TIFF and BigTIFF; the first page.</summary>
    Tiff,

    /// <summary>GIF; the first frame.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}
