namespace Subband.Torch.Serialization;

/// <summary>What a safetensors file says of one tensor. Every number has been checked against the file.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="DType">The type of the elements.</param>
/// <param name="Shape">The dimensions, outermost first; empty for a scalar. Not to be changed.</param>
/// <param name="Offset">Where the elements begin in the file, in bytes from its start.</param>
/// <param name="ByteCount">The size of the elements in bytes; they are contiguous and in row-major order.</param>
public sealed record SafetensorsEntry(string Name, DType DType, long[] Shape, long Offset, long ByteCount);
