using System.Text;

namespace Subband.Torch.Serialization.Pickle;

/// <summary>
/// The complete list of what a pickle may name. Each does no more than to build a value from its arguments.
/// </summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, object> Known = Listed();

    /// <summary>A function or class, or an element type as a value; null for every name not on the list.</summary>
    public static object? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    private static Dictionary<string, object> Listed()
    {
        Dictionary<string, object> known = [];
        foreach ((string name, DType type) in (ReadOnlySpan<(string, DType)>)
        [
            ("Byte", DType.UInt8), ("Char", DType.Int8), ("Short", DType.Int16), ("Int", DType.Int32),
            ("Long", DType.Int64), ("Half", DType.Float16), ("BFloat16", DType.BFloat16), ("Float", DType.Float32),
            ("Double", DType.Float64), ("Bool", DType.Bool),
        ])
        {
            AddStorage($"torch.{name}Storage", type);
        }

        // Storages of bytes without a type; a tensor made of one is a tensor of bytes.
        AddStorage("torch.UntypedStorage", DType.UInt8);
        AddStorage("torch.storage.UntypedStorage", DType.UInt8);
        AddStorage("torch.storage._UntypedStorage", DType.UInt8);

        foreach ((string name, DType type) in (ReadOnlySpan<(string, DType)>)
        [
            ("uint8", DType.UInt8), ("int8", DType.Int8), ("int16", DType.Int16), ("int32", DType.Int32),
            ("int64", DType.Int64), ("float16", DType.Float16), ("bfloat16", DType.BFloat16),
            ("float32", DType.Float32), ("float64", DType.Float64), ("bool", DType.Bool),
        ])
        {
            known.Add($"torch.{name}", type);
        }

        AddFunction("torch._utils._rebuild_tensor", TensorRebuild.Tensor);
        AddFunction("torch._utils._rebuild_tensor_v2", TensorRebuild.Tensor);
        AddFunction("torch._utils._rebuild_parameter", TensorRebuild.Parameter);
        AddFunction("torch._utils._rebuild_parameter_with_state", TensorRebuild.Parameter);
        AddFunction("collections.OrderedDict", OrderedDictionary);
        AddFunction("argparse.Namespace", Namespace);
        AddFunction("torch.Size", Size);
        AddFunction("torch.device", Device);

        // Plain numbers that training scripts keep, such as the best score so far, are often numpy's.
        AddFunction("numpy.dtype", NumpyType.Make);
        AddFunction("numpy.core.multiarray.scalar", NumpyType.Scalar);
        AddFunction("numpy._core.multiarray.scalar", NumpyType.Scalar);
        AddFunction("_codecs.encode", EncodeLatin1);
        return known;

        void AddStorage(string name, DType type) => known.Add(name, new PickleGlobal(name, StorageType: type));

        void AddFunction(string name, Func<PickleMachine, PyTorchList, object?> call) =>
            known.Add(name, new PickleGlobal(name, call));
    }

    private static PyTorchDictionary OrderedDictionary(PickleMachine machine, PyTorchList arguments)
    {
        PyTorchDictionary dictionary = new();
        if (arguments is [])
        {
            return dictionary;
        }

        // Python 2 passes the items as one list of pairs.
        if (arguments is not [PyTorchList pairs])
        {
            throw machine.Error("an OrderedDict is made of something that is not a list of pairs");
        }

        machine.Spend(pairs.Count);
        foreach (object? pair in pairs)
        {
            if (pair is not PyTorchList items || items is not [{ } key, var value])
            {
                throw machine.Error("an OrderedDict is made of something that is not a list of pairs");
            }

            dictionary.Set(key, value);
        }

        return dictionary;
    }

    // The options that a program was called with, which training scripts keep beside the weights.
    private static PyTorchDictionary Namespace(PickleMachine machine, PyTorchList arguments) => arguments is []
        ? new PyTorchDictionary { IsNamespace = true }
        : throw machine.Error("an argparse.Namespace is made of arguments");

    private static PyTorchList Size(PickleMachine machine, PyTorchList arguments) =>
        arguments is [PyTorchList { IsTuple: true } sizes]
            ? sizes
            : throw machine.Error("a torch.Size is not made of a tuple");

    private static string Device(PickleMachine machine, PyTorchList arguments) => arguments switch
    {
        [string type] => type,
        [string type, long index] => $"{type}:{index}",
        _ => throw machine.Error("a torch.device is not made of a name and a number"),
    };

    private static byte[] EncodeLatin1(PickleMachine machine, PyTorchList arguments)
    {
        if (arguments is not [string text, "latin1"] || text.AsSpan().ContainsAnyExceptInRange('\0', '\xff'))
        {
            throw machine.Error("the arguments of _codecs.encode are not those that stand for bytes");
        }

        machine.Spend(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }
}
