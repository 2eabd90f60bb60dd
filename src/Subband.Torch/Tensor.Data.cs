using Subband.Torch.Native;

namespace Subband.Torch;

public sealed partial class Tensor
{
    /// <summary>Copies the elements out, the last dimension running fastest, from any device and layout.</summary>
    /// <typeparam name="T">The type that matches <see cref="DType"/>: float for float32, and so on.</typeparam>
    /// <exception cref="TensorArgumentException">The type does not match, or there are too many elements for an array.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        RequireType<T>(nameof(ToArray));
        RequireAtMost(Array.MaxLength, nameof(ToArray));
        var values = new T[Count];
        CopyTo<T>(values);
        return values;
    }

    /// <summary>Copies the elements into a buffer of exactly their number.</summary>
    /// <inheritdoc cref="ToArray{T}"/>
    public unsafe void CopyTo<T>(Span<T> values)
        where T : unmanaged
    {
        RequireType<T>(nameof(CopyTo));
        fixed (T* data = values)
        {
            NativeError.Check(
                NativeMethods.sb_tensor_copy_out(Handle, data, (long)values.Length * sizeof(T)), nameof(CopyTo));
        }

        GC.KeepAlive(this);
    }

    /// <summary>The value of a tensor with one element, whatever its type.</summary>
    /// <exception cref="TensorShapeException">There is not exactly one element.</exception>
    public double Item()
    {
        if (Count != 1)
        {
            throw new TensorShapeException($"Item: a single element was expected, the tensor is {Describe()}.", nameof(Item));
        }

        if (DType == DType.Float32)
        {
            float value = 0;
            CopyTo(new Span<float>(ref value));
            return value;
        }

        using var scope = new TensorScope();
        return To(DType.Float64).ToArray<double>()[0];
    }

    /// <summary>The elements in place, without a copy, for a contiguous tensor on the CPU.</summary>
    /// <remarks>The span is valid while the tensor is not disposed.</remarks>
    /// <exception cref="TensorArgumentException">
    /// The type or layout does not match, or there are too many elements for a span.
    /// </exception>
    public unsafe Span<T> Span<T>()
        where T : unmanaged
    {
        RequireType<T>(nameof(Span));
        RequireAtMost(int.MaxValue, nameof(Span));
        var (pointer, bytes) = Data();
        return new Span<T>((void*)pointer, (int)(bytes / sizeof(T)));
    }

    /// <summary>The address and length in bytes of the elements of a contiguous tensor on the CPU.</summary>
    internal unsafe (nint Pointer, long Bytes) Data()
    {
        void* data;
        long bytes;
        NativeError.Check(NativeMethods.sb_tensor_data(Handle, &data, &bytes), nameof(Data));
        GC.KeepAlive(this);
        return ((nint)data, bytes);
    }

    private void RequireAtMost(int elements, string operation)
    {
        if (Count > elements)
        {
            throw new TensorArgumentException(
                $"{operation}: at most {elements} elements fit, the tensor is {Describe()}. Narrow it first.", operation);
        }
    }

    private void RequireType<T>(string operation)
        where T : unmanaged
    {
        if (DTypeOf<T>() != DType)
        {
            throw new TensorArgumentException(
                $"{operation}: elements of type {typeof(T).Name} were asked for, the tensor is {Describe()}.", operation);
        }
    }
}
