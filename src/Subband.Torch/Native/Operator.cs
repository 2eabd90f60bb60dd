using System.Runtime.InteropServices;
using System.Text;

namespace Subband.Torch.Native;

/// <summary>
/// One operator of libtorch's dispatcher, looked up by name and overload at its first call. This is the one door:
/// every computation passes through <see cref="Invoke"/>.
/// </summary>
internal sealed unsafe class Operator
{
    private const int StackItems = 64;

    private nint _handle;

    /// <summary>Names an operator without looking it up.</summary>
    /// <param name="name">Such as <c>aten::add</c>.</param>
    /// <param name="overload">Such as <c>Tensor</c>; empty for the unnamed one.</param>
    public Operator(string name, string overload = "")
    {
        Name = name;
        Overload = overload;
    }

    public string Name { get; }

    public string Overload { get; }

    /// <summary>Calls an operator that returns one tensor.</summary>
    public Tensor Call(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        return TensorOf(result);
    }

    /// <summary>Calls an operator that returns a whole number.</summary>
    public long CallForInteger(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        return result.Int;
    }

    /// <summary>Calls an operator that changes its first argument in place, and returns that argument.</summary>
    public Tensor CallInPlace(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        // The result is a second reference to the first argument, which the caller owns already.
        NativeError.Check(NativeMethods.sb_tensor_free(result.Pointer), Name);
        return (Tensor)arguments[0].Reference!;
    }

    /// <summary>Calls an operator that returns two tensors.</summary>
    public (Tensor First, Tensor Second) CallForTwo(params ReadOnlySpan<Value> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (TensorOf(results[0]), TensorOf(results[1]));
    }

    /// <summary>Calls an operator that returns three tensors.</summary>
    public (Tensor First, Tensor Second, Tensor Third) CallForThree(params ReadOnlySpan<Value> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(arguments, results, 3);
        return (TensorOf(results[0]), TensorOf(results[1]), TensorOf(results[2]));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    public Tensor[] CallForList(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        var tensors = new Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.Adopt(((nint*)result.Pointer)[i]);
        }

        NativeMethods.sb_free(result.Pointer);
        return tensors;
    }

    /// <summary>The schema as libtorch prints it.</summary>
    public string Schema()
    {
        const int capacity = 4096;
        var buffer = stackalloc byte[capacity];
        NativeError.Check(NativeMethods.sb_operator_schema(Resolve(), buffer, capacity), Name);
        return Marshal.PtrToStringUTF8((nint)buffer)!;
    }

    /// <summary>Looks the operator up, or throws that this libtorch lacks it.</summary>
    public nint Resolve()
    {
        if (_handle == 0)
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(Name + '\0'))
            fixed (byte* overload = Encoding.UTF8.GetBytes(Overload + '\0'))
            {
                nint handle;
                NativeError.Check(NativeMethods.sb_operator_find(name, overload, &handle), Name);
                _handle = handle;
            }
        }

        return _handle;
    }

    /// <summary><c>aten::add.Tensor</c>.</summary>
    public override string ToString() => Overload.Length == 0 ? Name : $"{Name}.{Overload}";

    private static Tensor TensorOf(in NativeValue value) => value.Kind == ValueKind.Tensor
        ? Tensor.Adopt(value.Pointer)
        : throw new InvalidOperationException($"An operator returned {value.Kind} where a tensor was expected.");

    private void Invoke(ReadOnlySpan<Value> arguments, NativeValue* results, int capacity)
    {
        var handle = Resolve();
        LostTensors.Free();
        var native = stackalloc NativeValue[arguments.Length];
        var items = stackalloc long[StackItems];
        var used = 0;
        List<nint>? heap = null;

        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                ref readonly var argument = ref arguments[i];
                native[i].Kind = argument.Kind;
                native[i].Count = argument.Count;
                switch (argument.Kind)
                {
                    case ValueKind.Tensor:
                        native[i].Pointer = ((Tensor)argument.Reference!).HandleFor(this);
                        break;
                    case ValueKind.Generator:
                        native[i].Pointer = ((Generator)argument.Reference!).Handle;
                        break;
                    case ValueKind.IntList:
                    case ValueKind.DoubleList:
                    case ValueKind.TensorList:
                        var room = Room(argument.Count, items, ref used, ref heap);
                        CopyList(argument, room);
                        native[i].Pointer = (nint)room;
                        break;
                    case ValueKind.String:
                        var text = Encoding.UTF8.GetBytes((string)argument.Reference!);
                        var bytes = (byte*)Room((text.Length / sizeof(long)) + 1, items, ref used, ref heap);
                        text.CopyTo(new Span<byte>(bytes, text.Length));
                        native[i].Pointer = (nint)bytes;
                        native[i].Count = text.Length;
                        break;
                    default:
                        native[i].Int = argument.Bits;
                        break;
                }
            }

            int count;
            var status = NativeMethods.sb_call(handle, native, arguments.Length, results, capacity, &count);
            if (status != NativeStatus.Ok)
            {
                throw Failure(status, arguments);
            }
        }
        finally
        {
            // No finaliser may free an argument while the native side works with it.
            foreach (ref readonly var argument in arguments)
            {
                GC.KeepAlive(argument.Reference);
            }

            if (heap is not null)
            {
                foreach (var block in heap)
                {
                    NativeMemory.Free((void*)block);
                }
            }
        }
    }

    // Lists live on the stack while they fit, as nearly all do.
    private static long* Room(int count, long* items, ref int used, ref List<nint>? heap)
    {
        if (used + count <= StackItems)
        {
            var place = items + used;
            used += count;
            return place;
        }

        var block = NativeMemory.Alloc((nuint)count, sizeof(long));
        (heap ??= []).Add((nint)block);
        return (long*)block;
    }

    private void CopyList(in Value argument, long* room)
    {
        switch (argument.Kind)
        {
            case ValueKind.IntList:
                ((long[])argument.Reference!).CopyTo(new Span<long>(room, argument.Count));
                break;
            case ValueKind.DoubleList:
                ((double[])argument.Reference!).CopyTo(new Span<double>(room, argument.Count));
                break;
            default:
                var tensors = (Tensor?[])argument.Reference!;
                for (var i = 0; i < tensors.Length; i++)
                {
                    room[i] = tensors[i]?.HandleFor(this) ?? 0;
                }

                break;
        }
    }

    private TorchException Failure(NativeStatus status, ReadOnlySpan<Value> arguments)
    {
        var reason = NativeError.Reason(); // before ArgumentNames makes another native call
        var names = ArgumentNames();
        var described = new List<string>(arguments.Length);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind is not (ValueKind.Default or ValueKind.None))
            {
                described.Add($"{(i < names.Length ? names[i] : "argument")} {arguments[i]}");
            }
        }

        string given = described.Count == 0 ? "" : $" ({string.Join(", ", described)})";
        return NativeError.Exception(status, ToString(), $"{this}: {reason}{given}");
    }

    // "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor" gives self, other, alpha.
    private string[] ArgumentNames()
    {
        var schema = Schema();
        var open = schema.IndexOf('(', StringComparison.Ordinal);
        var close = schema.LastIndexOf(") ->", StringComparison.Ordinal);
        return open < 0 || close < open
            ? []
            : [.. schema[(open + 1)..close].Split(", ")
                .Where(part => part != "*")
                .Select(part => part.Split('=')[0].Split(' ')[^1])];
    }
}
