using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// A source of random numbers for tensors. Its state is a tensor that can be saved, so that a resumed training draws
/// exactly the numbers that an uninterrupted one would have drawn.
/// </summary>
public sealed unsafe class Generator : IDisposable
{
    private nint _handle;

    /// <summary>Makes a generator.</summary>
    /// <param name="seed">Where its sequence starts. Up to 32 bits the sequence is PyTorch's for the same seed.</param>
    /// <param name="device">The device of the tensors it will fill; the CPU unless given.</param>
    public Generator(ulong seed, Device device = default)
    {
        nint handle;
        NativeError.Check(
            NativeMethods.sb_generator_new((int)device.Type, device.Index, Folded(seed, device), &handle), nameof(Generator));
        _handle = handle;
        Device = device;
    }

    /// <summary>Frees the native generator.</summary>
    ~Generator() => Free();

    /// <summary>The device of the tensors it fills.</summary>
    public Device Device { get; }

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

    /// <summary>Starts the sequence of another seed.</summary>
    public void Seed(ulong seed)
    {
        NativeError.Check(NativeMethods.sb_generator_seed(Handle, Folded(seed, Device)), nameof(Seed));
        GC.KeepAlive(this);
    }

    /// <summary>The whole state, a byte tensor on the CPU.</summary>
    public Tensor State()
    {
        nint state;
        NativeError.Check(NativeMethods.sb_generator_get_state(Handle, &state), nameof(State));
        GC.KeepAlive(this);
        return Tensor.Adopt(state);
    }

    /// <summary>Continues from a state that <see cref="State"/> returned, from a generator on the same kind of device.</summary>
    /// <exception cref="TensorArgumentException">The tensor is not such a state.</exception>
    public void Restore(Tensor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        NativeError.Check(NativeMethods.sb_generator_set_state(Handle, state.Handle), nameof(Restore));
        GC.KeepAlive(this);
        GC.KeepAlive(state);
    }

    /// <summary>Frees the native generator.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    // On the CPU libtorch looks only at the lower 32 bits; all of a longer seed have to count.
    private static ulong Folded(ulong seed, Device device) =>
        device.Type == DeviceType.Cpu && seed > uint.MaxValue ? (uint)SeededRandom.For(seed, 0, 0).NextUInt64() : seed;

    // A generator holds no tensor memory and is used by no running kernel once unreachable, so a finaliser may free it.
    private void Free()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            _ = NativeMethods.sb_generator_free(handle);
        }
    }
}
