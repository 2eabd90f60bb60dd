namespace Subband.Torch.Serialization;

/// <summary>Tensors to and from weight files.</summary>
public static class TensorFile
{
    private const int PieceLength = 1 << 26; // below what a span can hold, large enough that the calls do not count

    /// <summary>Writes a <c>.safetensors</c> file, whole or not at all. The same tensors give the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Of any device and layout; no name twice.</param>
    /// <param name="metadata">Free text by key; none if null.</param>
    /// <exception cref="SubbandException">The disk is full, the folder read-only, or another step failed.</exception>
    public static void Save(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var writer = new SafetensorsWriter(metadata);
        foreach (var (name, tensor) in tensors)
        {
            writer.Add(name, tensor.DType, tensor.Shape, stream => Write(tensor, stream));
        }

        writer.Save(path);
    }

    /// <summary>
    /// Opens a <c>.safetensors</c> file or a PyTorch file (<c>.pth</c>, <c>.pt</c>); its content decides which, not its
    /// name.
    /// </summary>
    /// <exception cref="FileFormatException">The file is neither, or damaged.</exception>
    /// <exception cref="SubbandException">There is no such file, or it cannot be read.</exception>
    public static TensorArchive Load(string path) => IsPyTorch(path)
        ? new PyTorchArchive(PyTorchFile.Open(path))
        : new SafetensorsArchive(SafetensorsFile.Open(path));

    private static bool IsPyTorch(string path)
    {
        using var file = MappedFile.Open(path);
        return !FileKind.IsSafetensors(file)
            && (FileKind.IsTar(file) || file.Head(4) is [(byte)'P', (byte)'K', 3, 4] or [0x80, >= 2 and <= 5, ..]);
    }

    // Only while one tensor is written does a copy of it exist, and none where it lies in order in main memory.
    private static unsafe void Write(Tensor tensor, Stream stream)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var contiguous = tensor.To(Device.Cpu).Contiguous();
        var (pointer, bytes) = contiguous.Data();
        for (var done = 0L; done < bytes; done += PieceLength)
        {
            stream.Write(new ReadOnlySpan<byte>((byte*)pointer + done, (int)Math.Min(PieceLength, bytes - done)));
        }
    }
}
