using Subband.Torch.Native;

namespace Subband.Torch;

public sealed partial class Tensor
{
    /// <summary>A tensor of given values, on the CPU.</summary>
    /// <typeparam name="T">byte, sbyte, short, int, long, Half, float, double or bool.</typeparam>
    /// <param name="values">The elements, the last dimension running fastest. They are copied.</param>
    /// <param name="shape">The size of each dimension; one dimension of all values when none is given.</param>
    /// <exception cref="TensorArgumentException">The shape does not hold as many elements as there are values.</exception>
    public static unsafe Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        fixed (T* data = values)
        {
            ReadOnlySpan<long> one = [values.Length];
            return FromBytes(data, (long)values.Length * sizeof(T), DTypeOf<T>(), shape.IsEmpty ? one : shape);
        }
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{long})"/>
    public static Tensor From<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged => From((ReadOnlySpan<T>)values, shape);

    /// <summary>A tensor of raw bytes that hold elements of a given type, on the CPU.</summary>
    /// <param name="bytes">The elements, in the machine's byte order. They are copied.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The size of each dimension.</param>
    public static unsafe Tensor FromBytes(ReadOnlySpan<byte> bytes, DType dtype, ReadOnlySpan<long> shape)
    {
        fixed (byte* data = bytes)
        {
            return FromBytes(data, bytes.Length, dtype, shape);
        }
    }

    /// <summary>A scalar.</summary>
    public static Tensor Scalar(double value, DType dtype = DType.Float32, Device device = default) =>
        Operators.Full.Call((long[])[], value, dtype, Value.None, device);

    /// <summary>A tensor whose elements are not set.</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">Where it lives.</param>
    /// <param name="format">Its layout.</param>
    public static Tensor Empty(
        long[] shape,
        DType dtype = DType.Float32,
        Device device = default,
        MemoryFormat format = MemoryFormat.Contiguous) =>
        Operators.Empty.Call(shape, dtype, Value.None, device, Value.None, format);

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(long[] shape, DType dtype = DType.Float32, Device device = default) =>
        Operators.Zeros.Call(shape, dtype, Value.None, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(long[] shape, DType dtype = DType.Float32, Device device = default) =>
        Operators.Ones.Call(shape, dtype, Value.None, device);

    /// <summary>A tensor of one value.</summary>
    public static Tensor Full(long[] shape, double value, DType dtype = DType.Float32, Device device = default) =>
        Operators.Full.Call(shape, value, dtype, Value.None, device);

    /// <summary>The numbers from <paramref name="start"/> to below <paramref name="end"/> in steps.</summary>
    public static Tensor Arange(
        long start, long end, long step = 1, DType dtype = DType.Int64, Device device = default) =>
        Operators.Arange.Call(start, end, step, dtype, Value.None, device);

    /// <summary>Evenly spaced numbers from <paramref name="start"/> to <paramref name="end"/>, both included.</summary>
    public static Tensor Linspace(
        double start, double end, long steps, DType dtype = DType.Float32, Device device = default) =>
        Operators.Linspace.Call(start, end, steps, dtype, Value.None, device);

    /// <summary>The identity matrix.</summary>
    public static Tensor Eye(long size, DType dtype = DType.Float32, Device device = default) =>
        Operators.Eye.Call(size, dtype, Value.None, device);

    /// <summary>Independent numbers, uniform in [0, 1).</summary>
    public static Tensor Rand(long[] shape, Generator generator, DType dtype = DType.Float32) =>
        Operators.Rand.Call(shape, generator, dtype, Value.None, generator.Device);

    /// <summary>Independent numbers, normal with mean 0 and deviation 1.</summary>
    public static Tensor Randn(long[] shape, Generator generator, DType dtype = DType.Float32) =>
        Operators.Randn.Call(shape, generator, dtype, Value.None, generator.Device);

    /// <summary>Independent integers, uniform from <paramref name="low"/> to below <paramref name="high"/>.</summary>
    public static Tensor RandInt(long low, long high, long[] shape, Generator generator, DType dtype = DType.Int64) =>
        Operators.RandInt.Call(low, high, shape, generator, dtype, Value.None, generator.Device);

    /// <summary>A random order of the numbers 0 to <paramref name="count"/> − 1.</summary>
    public static Tensor RandPerm(long count, Generator generator) =>
        Operators.RandPerm.Call(count, generator, DType.Int64, Value.None, generator.Device);

    /// <summary>Zeros of this tensor's shape, type, layout and device.</summary>
    public Tensor ZerosLike() => Operators.ZerosLike.Call(this);

    /// <summary>Ones of this tensor's shape, type, layout and device.</summary>
    public Tensor OnesLike() => Operators.OnesLike.Call(this);

    /// <summary>An unset tensor of this tensor's shape, layout and device.</summary>
    /// <param name="dtype">Its element type; this tensor's unless given.</param>
    public Tensor EmptyLike(DType? dtype = null) => Operators.EmptyLike.Call(this, dtype ?? DType);

    /// <summary>For each label a row that is 1 at the label and 0 elsewhere: [N] to [N, classes], int64.</summary>
    /// <param name="classes">The number of classes; every label must be below it.</param>
    public Tensor OneHot(long classes) => Operators.OneHot.Call(this, classes);

    internal static DType DTypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(long) ? DType.Int64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(short) ? DType.Int16
        : typeof(T) == typeof(byte) ? DType.UInt8
        : typeof(T) == typeof(sbyte) ? DType.Int8
        : typeof(T) == typeof(bool) ? DType.Bool
        : typeof(T) == typeof(Half) ? DType.Float16
        : throw new ArgumentException($"{typeof(T).Name} is not an element type of tensors.");

    private static unsafe Tensor FromBytes(void* data, long bytes, DType dtype, ReadOnlySpan<long> shape)
    {
        Native.LostTensors.Free();
        nint handle;
        fixed (long* sizes = shape)
        {
            NativeError.Check(
                NativeMethods.sb_tensor_from_data(data, bytes, (int)dtype, sizes, shape.Length, &handle), nameof(From));
        }

        return Adopt(handle);
    }
}
