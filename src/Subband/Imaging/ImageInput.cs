namespace Subband.Imaging;

/// <summary>Where a picture's bytes are: in memory, or in a file that the decoder reads itself.</summary>
internal readonly ref struct ImageInput
{
    /// <summary>A picture in memory.</summary>
    public ImageInput(ReadOnlySpan<byte> bytes, string name, ImageFormat format)
    {
        Bytes = bytes;
        Name = name;
        Format = format;
        Length = bytes.Length;
    }

    /// <summary>A picture in a file.</summary>
    public ImageInput(string path, long length, ImageFormat format)
    {
        Path = path;
        Name = path;
        Format = format;
        Length = length;
    }

    /// <summary>The picture's bytes; empty where <see cref="Path"/> is given.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The file, or null.</summary>
    public string? Path { get; }

    /// <summary>What messages call the picture.</summary>
    public string Name { get; }

    /// <summary>The kind of file that its first bytes tell.</summary>
    public ImageFormat Format { get; }

    /// <summary>The number of bytes.</summary>
    public long Length { get; }

    /// <summary>All bytes.</summary>
    public byte[] ReadAll() => Path is null ? Bytes.ToArray() : File.ReadAllBytes(Path);
}
