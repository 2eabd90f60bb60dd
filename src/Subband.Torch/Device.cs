namespace Subband.Torch;

/// <summary>A kind of processor. The numbers are those of libtorch's <c>c10::DeviceType</c>.</summary>
public enum DeviceType
{
    /// <summary>The processor and main memory.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda = 1,
}

/// <summary>Where a tensor lives and is computed on.</summary>
/// <param name="Type">The kind of processor.</param>
/// <param name="Index">Which one of its kind, from 0.</param>
public readonly record struct Device(DeviceType Type, int Index = 0)
{
    /// <summary>The processor and main memory.</summary>
    public static Device Cpu => new(DeviceType.Cpu);

    /// <summary>The first NVIDIA GPU.</summary>
    public static Device Cuda => new(DeviceType.Cuda);

    /// <summary><c>cpu</c> or <c>cuda:0</c>.</summary>
    public override string ToString() => Type == DeviceType.Cpu ? "cpu" : $"cuda:{Index}";
}

/// <summary>How the dimensions of a tensor are laid out. The numbers are those of libtorch's <c>c10::MemoryFormat</c>.</summary>
public enum MemoryFormat
{
    /// <summary>Row by row in the order of the dimensions.</summary>
    Contiguous = 0,

    /// <summary>Keep what the input has.</summary>
    Preserve = 1,

    /// <summary>[N, C, H, W] with the channels of a pixel side by side, the fast layout for convolutions on the CPU.</summary>
    ChannelsLast = 2,
}
