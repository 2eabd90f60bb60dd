using System.Globalization;

namespace Subband.Torch.Serialization;

/// <summary>A weight file opened by <see cref="TensorFile.Load"/>. A tensor is read when it is asked for.</summary>
public abstract class TensorArchive : IDisposable
{
    private protected TensorArchive(string path, IReadOnlyList<string> names, IReadOnlyDictionary<string, string> metadata)
    {
        Path = path;
        Names = names;
        Metadata = metadata;
    }

    /// <summary>The file's name as it was given.</summary>
    public string Path { get; }

    /// <summary>The names of all tensors; for a nested checkpoint the dotted paths that lead to them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The free text that the writer added, by key; empty for a PyTorch file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>A new tensor on the CPU with the values of the file, in the present scope.</summary>
    /// <exception cref="SubbandException">The file has no tensor of that name.</exception>
    public Tensor this[string name] => Find(name) ?? throw new SubbandException(
        $"{Path} has no tensor '{name}'. It has {Names.Count}"
        + (Names.Count == 0 ? "." : $", such as {string.Join(", ", Names.Take(5).Select(FileText.Shown))}."));

    /// <summary>A new tensor on the CPU with the values of the file, in the present scope; null where there is none of that name.</summary>
    public abstract Tensor? Find(string name);

    /// <summary>
    /// A plain number that stands beside the tensors of a PyTorch file, such as <c>optimizer.param_groups.0.lr</c>; null where there is none, as
    /// in every file of another kind.
    /// </summary>
    /// <param name="path">The keys and places that lead to it, with dots between them.</param>
    public virtual double? FindNumber(string path) => null;

    /// <summary>Closes the file. Tensors made from it stay valid.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>The tensors of a <c>.safetensors</c> file.</summary>
internal sealed class SafetensorsArchive(SafetensorsFile file)
    : TensorArchive(file.Path, [.. file.Entries.Select(entry => entry.Name)], file.Metadata)
{
    public override unsafe Tensor? Find(string name)
    {
        if (!file.TryGetEntry(name, out var entry))
        {
            return null;
        }

        var tensor = Tensor.Empty(entry!.Shape, entry.DType);
        var (pointer, bytes) = tensor.Data();
        Buffer.MemoryCopy(file.Pointer(name), (void*)pointer, bytes, entry.ByteCount);
        return tensor;
    }

    protected override void Dispose(bool disposing) => file.Dispose();
}

/// <summary>The tensors of a PyTorch file.</summary>
internal sealed class PyTorchArchive(PyTorchFile file)
    : TensorArchive(file.Path, [.. file.Tensors.Keys], new Dictionary<string, string>())
{
    public override unsafe Tensor? Find(string name)
    {
        if (!file.Tensors.TryGetValue(name, out var source))
        {
            return null;
        }

        var tensor = Tensor.Empty([.. source.Shape], source.DType);
        var (pointer, bytes) = tensor.Data();
        source.CopyTo((byte*)pointer, bytes);
        return tensor;
    }

    public override double? FindNumber(string path) => path.Split('.').Aggregate(file.Root, Inside) switch
    {
        long whole => whole,
        double number => number,
        _ => null,
    };

    private static object? Inside(object? holder, string key)
    {
        var isPlace = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var place);
        return holder switch
        {
            PyTorchDictionary named when named.TryGetValue(key, out var value) || (isPlace && named.TryGetValue((long)place, out value)) => value,
            PyTorchList list when isPlace && place < list.Count => list[place],
            _ => null,
        };
    }

    protected override void Dispose(bool disposing) => file.Dispose();
}
