namespace Subband.Torch.Serialization;

/// <summary>A stretch of elements in a PyTorch file. Several tensors may be views of one storage.</summary>
public sealed class PyTorchStorage
{
    private MappedFile? _file;
    private long _offset;

    internal PyTorchStorage(string key, DType dtype, long length)
    {
        Key = key;
        DType = dtype;
        Length = length;
    }

    /// <summary>The name that the file gives the storage; unique in the file.</summary>
    public string Key { get; }

    /// <summary>The type of the elements.</summary>
    public DType DType { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The size in bytes.</summary>
    public long ByteCount => Length * DType.SizeInBytes();

    /// <summary>The first byte in the mapped file.</summary>
    internal unsafe byte* Start => _file!.Start + _offset;

    /// <summary>Ties the storage to its bytes, which must lie in the file.</summary>
    internal void Bind(MappedFile file, long offset)
    {
        _file = file;
        _offset = offset;
    }
}
