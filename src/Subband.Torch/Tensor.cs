using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// An n-dimensional array of numbers in native memory, on the CPU or a GPU, through which gradients can flow.
/// </summary>
/// <remarks>
/// A tensor is owned: it is freed by <see cref="Dispose"/> or by the <see cref="TensorScope"/> in which it was made.
/// A tensor lost without either is freed later, at the next operation, and counted in <see cref="Engine.LostTensors"/>.
/// </remarks>
public sealed partial class Tensor : IDisposable
{
    private nint _handle;
    private TensorInfo? _info; // fixed for life: no operator of ours resizes in place
    private readonly string? _madeAt;

    private Tensor(nint handle)
    {
        _handle = handle;
        _madeAt = Engine.TraceLostTensors ? Environment.StackTrace : null;
        Engine.CountMade();
        TensorScope.Register(this);
    }

    /// <summary>Queues what nobody disposed; see <see cref="Engine.LostTensors"/>.</summary>
    ~Tensor()
    {
        if (_handle != 0)
        {
            LostTensors.Add(_handle, _madeAt);
            Engine.CountFreed();
        }
    }

    /// <summary>The size of each dimension.</summary>
    public ReadOnlySpan<long> Shape => Info.Sizes;

    /// <summary>The number of dimensions; 0 for a scalar.</summary>
    public int Dimensions => Info.Sizes.Length;

    /// <summary>The number of elements.</summary>
    public long Count => Info.Count;

    /// <summary>The element type.</summary>
    public DType DType => Info.DType;

    /// <summary>Where the elements live.</summary>
    public Device Device => Info.Device;

    /// <summary>Whether the tensor has been disposed.</summary>
    public bool IsDisposed => _handle == 0;

    /// <summary>Whether operations on this tensor are recorded for <see cref="Autograd.Grad(Tensor, Tensor[], bool, bool, bool)"/>.</summary>
    public unsafe bool RequiresGrad
    {
        get => ReadInfo().RequiresGrad != 0;
        set
        {
            NativeError.Check(NativeMethods.sb_tensor_set_requires_grad(Handle, value ? 1 : 0), "RequiresGrad");
            GC.KeepAlive(this);
        }
    }

    /// <summary>The steps in elements between neighbours along each dimension.</summary>
    public unsafe long[] Strides()
    {
        var info = ReadInfo();
        return new ReadOnlySpan<long>(info.Strides, info.Dimensions).ToArray();
    }

    /// <summary>Whether the elements lie in the order of the given layout without gaps.</summary>
    /// <param name="format">Contiguous or channels-last.</param>
    public unsafe bool IsContiguous(MemoryFormat format = MemoryFormat.Contiguous)
    {
        int contiguous;
        NativeError.Check(
            NativeMethods.sb_tensor_is_contiguous(Handle, format == MemoryFormat.ChannelsLast ? 1 : 0, &contiguous),
            "IsContiguous");
        GC.KeepAlive(this);
        return contiguous != 0;
    }

    /// <summary>The size of one dimension.</summary>
    /// <param name="dimension">From 0, or from −1 for the last.</param>
    public long Size(int dimension) => Shape[dimension < 0 ? dimension + Dimensions : dimension];

    /// <summary>Frees the native memory. Further use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            NativeError.Check(NativeMethods.sb_tensor_free(handle), "Dispose");
            Engine.CountFreed();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary><c>float32 [128, 3, 32, 32] cpu</c>.</summary>
    public override string ToString() => Describe();

    internal static Tensor Adopt(nint handle) => new(handle);

    internal nint Handle => HandleFor(null);

    internal nint HandleFor(Operator? user) => _handle != 0
        ? _handle
        : throw new ObjectDisposedException(
            nameof(Tensor),
            user is null
                ? "The tensor has been disposed, by itself or by the scope in which it was made."
                : $"{user}: an argument has been disposed, by itself or by the scope in which it was made.");

    internal string Describe() => IsDisposed
        ? "disposed"
        : $"{DType.ToString().ToLowerInvariant()} [{string.Join(", ", Shape.ToArray())}] {Device}";

    internal TensorScope.Frame? Scope { get; set; }

    private TensorInfo Info
    {
        get
        {
            if (_info is null)
            {
                var native = ReadInfo();
                _info = TensorInfo.From(native);
            }

            return _info;
        }
    }

    private unsafe NativeTensorInfo ReadInfo()
    {
        NativeTensorInfo info;
        NativeError.Check(NativeMethods.sb_tensor_info_get(Handle, &info), "tensor");
        GC.KeepAlive(this);
        return info;
    }

    private sealed record TensorInfo(long[] Sizes, long Count, DType DType, Device Device)
    {
        public static unsafe TensorInfo From(in NativeTensorInfo info)
        {
            var sizes = new long[info.Dimensions];
            for (var i = 0; i < sizes.Length; i++)
            {
                sizes[i] = info.Sizes[i];
            }

            return new TensorInfo(
                sizes, info.Elements, (DType)info.DType, new Device((DeviceType)info.DeviceType, info.DeviceIndex));
        }
    }
}
