namespace Subband.Torch.Serialization;

/// <summary>Lays the elements of a strided view out contiguously, in row-major order.</summary>
internal static unsafe class StridedCopy
{
    /// <summary>Copies a view that has at least one element and whose elements are all readable.</summary>
    /// <param name="source">The element at index zero of every dimension.</param>
    /// <param name="shape">The dimensions, outermost first.</param>
    /// <param name="strides">The strides, in elements.</param>
    /// <param name="elementSize">1, 2, 4 or 8 bytes.</param>
    /// <param name="destination">The place of the product of all dimensions.</param>
    public static void ToContiguous(
        byte* source, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, int elementSize, byte* destination)
    {
        // The innermost dimensions that are contiguous already move as one block.
        long block = 1;
        int outer = shape.Length;
        while (outer > 0 && (shape[outer - 1] == 1 || strides[outer - 1] == block))
        {
            block *= shape[--outer];
        }

        _ = Copy(source, shape[..outer], strides, block * elementSize, elementSize, destination);
    }

    private static byte* Copy(
        byte* source,
        ReadOnlySpan<long> shape,
        ReadOnlySpan<long> strides,
        long blockSize,
        int elementSize,
        byte* destination)
    {
        if (shape.IsEmpty)
        {
            Buffer.MemoryCopy(source, destination, blockSize, blockSize);
            return destination + blockSize;
        }

        long step = strides[0] * elementSize;
        if (shape.Length == 1 && blockSize == elementSize)
        {
            CopyRow(source, step, shape[0], elementSize, destination);
            return destination + (shape[0] * elementSize);
        }

        for (long index = 0; index < shape[0]; index++)
        {
            destination = Copy(source + (index * step), shape[1..], strides[1..], blockSize, elementSize, destination);
        }

        return destination;
    }

    private static void CopyRow(byte* source, long step, long count, int elementSize, byte* destination)
    {
        switch (elementSize)
        {
            case 1:
                CopyRow<byte>(source, step, count, destination);
                break;
            case 2:
                CopyRow<ushort>(source, step, count, destination);
                break;
            case 4:
                CopyRow<uint>(source, step, count, destination);
                break;
            default:
                CopyRow<ulong>(source, step, count, destination);
                break;
        }
    }

    private static void CopyRow<T>(byte* source, long step, long count, byte* destination)
        where T : unmanaged
    {
        for (long index = 0; index < count; index++)
        {
            // Storages of the legacy format begin at any byte; x64 and Arm64 read unaligned elements as well.
            ((T*)destination)[index] = *(T*)(source + (index * step));
        }
    }
}
