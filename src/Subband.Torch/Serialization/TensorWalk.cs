using System.Globalization;
using Subband.Torch.Serialization.Pickle;

namespace Subband.Torch.Serialization;

/// <summary>
/// Walks through what a pickle has built and collects its tensors by dotted path. A pickle can let one list stand in
/// many places, itself among them, so the walk is bounded in depth and length.
/// </summary>
internal sealed class TensorWalk
{
    private readonly MappedFile _file;
    private readonly OrderedDictionary<string, PyTorchTensor> _tensors = [];
    private readonly List<string> _path = [];
    private long _visited;
    private long _pathCharacters;
    private Int128 _unfolded;

    private TensorWalk(MappedFile file) => _file = file;

    /// <summary>All tensors by dotted path, in order.</summary>
    /// <exception cref="FileFormatException">A limit is passed, or two tensors have the same path.</exception>
    public static IReadOnlyDictionary<string, PyTorchTensor> Collect(MappedFile file, object? root)
    {
        TensorWalk walk = new(file);
        walk.Visit(root);
        return walk._tensors;
    }

    private void Visit(object? item)
    {
        Check(++_visited <= PickleLimits.Items, "holds more objects than any weight file needs");
        Check(_path.Count <= PickleLimits.Depth, "is nested too deep, or contains itself");
        switch (item)
        {
            case PyTorchTensor tensor:
                Add(tensor);
                break;
            case PyTorchDictionary dictionary:
                foreach ((object key, object? value) in dictionary)
                {
                    Visit(Convert.ToString(key, CultureInfo.InvariantCulture) ?? "", value);
                }

                break;
            case PyTorchList list:
                for (int index = 0; index < list.Count; index++)
                {
                    Visit(index.ToString(CultureInfo.InvariantCulture), list[index]);
                }

                break;
            case PickleGlobal global:
                throw Refused($"holds the Python class or function {global.Name} itself");
            case NumpyType:
                throw Refused("holds a numpy.dtype itself");
            default:
                break;
        }
    }

    private void Visit(string name, object? item)
    {
        _path.Add(name);
        Visit(item);
        _path.RemoveAt(_path.Count - 1);
    }

    private void Add(PyTorchTensor tensor)
    {
        _pathCharacters += _path.Sum(name => (long)name.Length + 1);
        Check(_pathCharacters <= PickleLimits.PathCharacters, "has tensors with immense names");
        _unfolded += tensor.ByteCount;
        Check(
            _unfolded <= PickleLimits.UnfoldedBytes(_file.Length),
            "has tensors that unfold to many times the file's length");
        string path = string.Join('.', _path);
        if (!_tensors.TryAdd(path, tensor))
        {
            throw Refused($"has two tensors of the path '{FileText.Shown(path)}'");
        }
    }

    private void Check(bool condition, string problem)
    {
        if (!condition)
        {
            throw Refused(problem);
        }
    }

    private FileFormatException Refused(string problem) =>
        new($"{_file.Path} cannot be read as a PyTorch file: it {problem}.");
}
