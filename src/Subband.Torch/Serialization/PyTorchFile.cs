namespace Subband.Torch.Serialization;

/// <summary>
/// A PyTorch file (<c>.pth</c>, <c>.pt</c>, <c>.ckpt</c>) opened for reading: a state dict or a checkpoint that holds
/// some, in the zip format (PyTorch 1.6 and later) or the one before it. The file is mapped into memory; a tensor's
/// bytes are read when they are copied.
/// </summary>
/// <remarks>
/// Such a file is a Python pickle, which in Python can run any code. Here nothing is executed: the pickle may build
/// numbers, texts, lists, dictionaries and tensors, and every other function or class that it names is refused by name.
/// Tensors on a GPU are read as plain bytes.
/// </remarks>
public sealed class PyTorchFile : IDisposable
{
    private readonly MappedFile _file;

    private PyTorchFile(MappedFile file)
    {
        _file = file;
        Root = ReadRoot(file);
        Tensors = TensorWalk.Collect(file, Root);
    }

    /// <summary>The file's name as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>
    /// What was saved: null (None), <see cref="bool"/>, <see cref="long"/>,
    /// <see cref="System.Numerics.BigInteger"/> (beyond 64 bits), <see cref="double"/>, <see cref="string"/> (also for
    /// a <c>torch.device</c>), a byte array, <see cref="DType"/>, <see cref="PyTorchTensor"/>,
    /// <see cref="PyTorchStorage"/>, or a <see cref="PyTorchList"/> or <see cref="PyTorchDictionary"/> of such.
    /// </summary>
    public object? Root { get; }

    /// <summary>
    /// All tensors in the order of the file, by the dotted path that leads to them: the tensor's own name in a plain
    /// state dict, <c>state_dict.conv.weight</c> or <c>optimizer.state.0.exp_avg</c> in a checkpoint, the empty name
    /// where the file is one tensor.
    /// </summary>
    public IReadOnlyDictionary<string, PyTorchTensor> Tensors { get; }

    /// <summary>Opens a file and reads everything but the tensors' elements.</summary>
    /// <param name="path">The file. It must not be cut short by others while it is open.</param>
    /// <exception cref="FileFormatException">
    /// The file is not PyTorch's, cut off, damaged, or names a function or class that a file of weights does not need.
    /// </exception>
    /// <exception cref="SubbandException">There is no such file, or it cannot be read.</exception>
    public static PyTorchFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new PyTorchFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file. Its tensors can be copied no more.</summary>
    public void Dispose() => _file.Dispose();

    private static object? ReadRoot(MappedFile file)
    {
        if (FileKind.IsTar(file))
        {
            throw new FileFormatException(
                $"{file.Path} is a tar archive. If PyTorch before 0.1.10 wrote it, load and save it with a newer one.");
        }

        return file.Head(4) switch
        {
            [(byte)'P', (byte)'K', 3, 4] => PyTorchZip.ReadRoot(file),
            [0x80, ..] => PyTorchLegacy.ReadRoot(file),
            _ => throw new FileFormatException($"{file.Path} is not a PyTorch file.{FileKind.Guess(file)}"),
        };
    }
}
