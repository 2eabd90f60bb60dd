namespace Subband.Torch.Serialization;

/// <summary>
/// A tensor of a PyTorch file: a view of a storage by shape, strides and offset. All of them have been checked, so that
/// no element lies outside the storage.
/// </summary>
public sealed class PyTorchTensor
{
    private readonly long[] _shape;
    private readonly long[] _strides;

    internal PyTorchTensor(PyTorchStorage storage, long[] shape, long[] strides, long offset, long count)
    {
        Storage = storage;
        _shape = shape;
        _strides = strides;
        StorageOffset = offset;
        ElementCount = count;
    }

    /// <summary>The storage that the tensor is a view of.</summary>
    public PyTorchStorage Storage { get; }

    /// <summary>The type of the elements.</summary>
    public DType DType => Storage.DType;

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>
    /// How many elements of the storage lie between neighbours of each dimension; 0 repeats one element.
    /// </summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>The place of the first element in the storage, in elements.</summary>
    public long StorageOffset { get; }

    /// <summary>The number of elements, the product of the shape.</summary>
    public long ElementCount { get; }

    /// <summary>The size of all elements in bytes when they are laid out contiguously.</summary>
    public long ByteCount => ElementCount * DType.SizeInBytes();

    /// <summary>All elements in row-major order, little-endian.</summary>
    /// <exception cref="SubbandException">
    /// The elements take more than an array can hold (2 GiB); use the overload of <c>CopyTo</c> for native memory.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public byte[] ToContiguousBytes()
    {
        if (ByteCount > Array.MaxLength)
        {
            throw new SubbandException(
                $"A tensor of {ByteCount} bytes does not fit into an array; copy it to native memory.");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)ByteCount);
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Copies all elements in row-major order.</summary>
    /// <param name="destination">At least <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public unsafe void CopyTo(Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            CopyTo(start, destination.Length);
        }
    }

    /// <summary>Copies all elements in row-major order to native memory, for tensors of any size.</summary>
    /// <param name="destination">The place of the first element.</param>
    /// <param name="capacity">The number of bytes there, at least <see cref="ByteCount"/>.</param>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public unsafe void CopyTo(byte* destination, long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, ByteCount);
        int elementSize = DType.SizeInBytes();
        byte* start = Storage.Start;
        if (ElementCount > 0)
        {
            StridedCopy.ToContiguous(
                start + (StorageOffset * elementSize), _shape, _strides, elementSize, destination);
        }
    }
}
