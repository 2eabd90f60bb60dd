using System.Runtime.InteropServices;

namespace Subband.Torch.Native;

/// <summary>The category of a native call's outcome, the numbers of <c>native/subband.h</c>.</summary>
internal enum NativeStatus
{
    Ok = 0,
    BadArgument = 1,
    Shape = 2,
    OutOfMemory = 3,
    InputOutput = 4,
    Interrupted = 5,
    Internal = 6,
}

/// <summary>What an argument or result of an operator is.</summary>
internal enum ValueKind
{
    None = 0,
    Default = 1,
    Tensor = 2,
    Int = 3,
    Double = 4,
    Bool = 5,
    IntList = 6,
    DoubleList = 7,
    BoolList = 8,
    TensorList = 9,
    String = 10,
    Device = 11,
    Generator = 12,
}

/// <summary>One argument or result as it crosses the boundary: <c>sb_value</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)]
    public ValueKind Kind;

    [FieldOffset(4)]
    public int Count;

    [FieldOffset(8)]
    public long Int;

    [FieldOffset(8)]
    public double Double;

    [FieldOffset(8)]
    public nint Pointer;
}

/// <summary>What a tensor is: <c>sb_tensor_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTensorInfo
{
    public const int MaxDimensions = 8;

    public int DType;
    public int DeviceType;
    public int DeviceIndex;
    public int Dimensions;
    public fixed long Sizes[MaxDimensions];
    public fixed long Strides[MaxDimensions];
    public long Elements;
    public int RequiresGrad;
    public int IsLeaf;
}

/// <summary>What the loaded library is: <c>sb_library_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeLibraryInfo
{
    public int AbiVersion;
    public int ValueSize;
    public int TensorInfoSize;
    public int MemoryInfoSize;
    public int TorchMajor;
    public int TorchMinor;
    public int TorchPatch;
    public int CudaBuilt;
    public int CudaDevices;
}

/// <summary>The state of the CPU allocator: <c>sb_memory_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeMemoryInfo
{
    public long LiveBytes;
    public long PeakLiveBytes;
    public long CachedBytes;
    public long LiveBlocks;
    public long SystemAllocations;
    public long ReusedAllocations;
}
