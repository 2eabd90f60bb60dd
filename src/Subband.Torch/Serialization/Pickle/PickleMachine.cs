using System.Numerics;

namespace Subband.Torch.Serialization.Pickle;

/// <summary>
/// Runs a Python pickle without Python: a small stack machine that can make numbers, texts, lists and dictionaries, and
/// call the few functions of <see cref="PickleGlobals"/>. It can do nothing else: no file, process or type is reached
/// from here, and any other name is an error the moment it is mentioned.
/// </summary>
/// <remarks>
/// The instructions are those that <c>torch.save</c> writes with protocols 2 to 5, as Python's <c>pickletools</c>
/// describes them.
/// </remarks>
internal sealed class PickleMachine(PickleCursor cursor, Func<PickleMachine, object?, object?>? loadPersistent)
{
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private long _spent;

    /// <summary>Runs up to the instruction that ends the pickle, and gives its one result.</summary>
    /// <exception cref="FileFormatException">The pickle is damaged, or asks for what is not allowed.</exception>
    public object? Run()
    {
        for (; ; )
        {
            Spend(1);
            byte instruction = cursor.Byte();
            if (instruction == '.')
            {
                return _stack.Count == 1 && _marks.Count == 0
                    ? _stack[0]
                    : throw Error("it does not end with exactly one object");
            }

            Step(instruction);
        }
    }

    /// <summary>An error at the current place.</summary>
    public FileFormatException Error(string problem) => cursor.Error(problem);

    /// <summary>Counts work, so that a short pickle cannot ask for an endless one.</summary>
    public void Spend(long items)
    {
        _spent += items;
        if (_spent > PickleLimits.Items)
        {
            throw Error($"the pickle asks for more than {PickleLimits.Items} objects, more than any weight file needs");
        }
    }

    private void Step(byte instruction)
    {
        switch (instruction)
        {
            case 0x80: // PROTO
                byte protocol = cursor.Byte();
                Require(protocol is >= 2 and <= 5, "the pickle protocol is not one from 2 to 5");
                break;
            case 0x95: // FRAME: only a hint for reading ahead
                _ = cursor.UInt64();
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88: // NEWTRUE
                Push(true);
                break;
            case 0x89: // NEWFALSE
                Push(false);
                break;
            case (byte)'J': // BININT
                Push((long)cursor.Int32());
                break;
            case (byte)'K': // BININT1
                Push((long)cursor.Byte());
                break;
            case (byte)'M': // BININT2
                Push((long)cursor.UInt16());
                break;
            case 0x8a: // LONG1
                PushNumber(cursor.Byte());
                break;
            case 0x8b: // LONG4
                PushNumber(cursor.UInt32());
                break;
            case (byte)'G': // BINFLOAT
                Push(cursor.Double());
                break;
            case (byte)'X': // BINUNICODE
                Push(cursor.Text(cursor.UInt32()));
                break;
            case 0x8c: // SHORT_BINUNICODE
                Push(cursor.Text(cursor.Byte()));
                break;
            case 0x8d: // BINUNICODE8
                Push(cursor.Text(cursor.UInt64()));
                break;
            case (byte)'T': // BINSTRING
                PushPython2String(cursor.UInt32());
                break;
            case (byte)'U': // SHORT_BINSTRING
                PushPython2String(cursor.Byte());
                break;
            case (byte)'B': // BINBYTES
                Push(cursor.Bytes(cursor.UInt32()).ToArray());
                break;
            case (byte)'C': // SHORT_BINBYTES
                Push(cursor.Bytes(cursor.Byte()).ToArray());
                break;
            case 0x8e: // BINBYTES8
                Push(cursor.Bytes(cursor.UInt64()).ToArray());
                break;
            default:
                StepOnObjects(instruction);
                break;
        }
    }

    private void StepOnObjects(byte instruction)
    {
        switch (instruction)
        {
            case (byte)'(': // MARK
                _marks.Add(_stack.Count);
                break;
            case (byte)'0': // POP
                _ = Pop();
                break;
            case (byte)'1': // POP_MARK
                _ = PopToMark();
                break;
            case (byte)'q': // BINPUT
                _memo[cursor.Byte()] = Top();
                break;
            case (byte)'r': // LONG_BINPUT
                _memo[cursor.UInt32()] = Top();
                break;
            case 0x94: // MEMOIZE
                _memo[(uint)_memo.Count] = Top();
                break;
            case (byte)'h': // BINGET
                Recall(cursor.Byte());
                break;
            case (byte)'j': // LONG_BINGET
                Recall(cursor.UInt32());
                break;
            case (byte)')': // EMPTY_TUPLE
                Push(new PyTorchList(isTuple: true, []));
                break;
            case (byte)'t': // TUPLE
                Push(new PyTorchList(isTuple: true, PopToMark()));
                break;
            case >= 0x85 and <= 0x87: // TUPLE1, TUPLE2, TUPLE3
                Push(new PyTorchList(isTuple: true, Pop(instruction - 0x84)));
                break;
            case (byte)']': // EMPTY_LIST
                Push(new PyTorchList(isTuple: false, []));
                break;
            case (byte)'a': // APPEND
                Append(Pop(1));
                break;
            case (byte)'e': // APPENDS
                Append(PopToMark());
                break;
            case (byte)'}': // EMPTY_DICT
                Push(new PyTorchDictionary());
                break;
            case (byte)'s': // SETITEM
                SetItems(Pop(2));
                break;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                break;
            case (byte)'c': // GLOBAL
                Push(FindGlobal(cursor.Line(), cursor.Line()));
                break;
            case 0x93: // STACK_GLOBAL
                string name = PopText();
                Push(FindGlobal(PopText(), name));
                break;
            case (byte)'i': // INST, of protocol 0: looks a name up and calls it
                _ = FindGlobal(cursor.Line(), cursor.Line());
                throw Error("the instruction INST is not known");
            case (byte)'R': // REDUCE
            case 0x81: // NEWOBJ, of which the constructor's arguments are those of a call
                Call();
                break;
            case (byte)'b': // BUILD
                Build();
                break;
            case (byte)'Q': // BINPERSID
                Push(LoadPersistent(Pop()));
                break;
            default:
                throw Error($"the instruction 0x{instruction:x2} is none that torch.save writes");
        }
    }

    private object FindGlobal(string module, string name)
    {
        Require(
            Math.Max(module.Length, name.Length) < PickleLimits.GlobalNameLength,
            $"a function or class has a name of {PickleLimits.GlobalNameLength} characters or more");
        return PickleGlobals.Find(module, name) ?? throw new FileFormatException(
            $"{cursor.Path} asks for '{FileText.Shown($"{module}.{name}")}', which is none of the few things that a "
            + "file of weights needs; it was refused and nothing was run. If you trust the file's origin, load it in "
            + "Python and save its state dict alone.");
    }

    private object? LoadPersistent(object? id) =>
        loadPersistent is null ? throw Error("a storage stands where none can be") : loadPersistent(this, id);

    private void Call()
    {
        PyTorchList arguments = Pop() as PyTorchList is { IsTuple: true } tuple
            ? tuple
            : throw Error("a call has no arguments");
        PickleGlobal global = Pop() as PickleGlobal ?? throw Error("something is called that is not a function");
        Push(global.Call is null ? throw Error($"the class {global.Name} is called") : global.Call(this, arguments));
    }

    private void Build()
    {
        object? state = Pop();
        switch (Top())
        {
            case PyTorchDictionary { IsNamespace: true } names when state is PyTorchDictionary attributes:
                Spend(attributes.Count);
                foreach ((object key, object? value) in attributes)
                {
                    names.Set(key, value);
                }

                break;

            // What a state dict bears beside its items, such as _metadata, is of no use outside Python's own modules.
            case PyTorchDictionary when state is PyTorchDictionary:
                break;
            case NumpyType:
                NumpyType.CheckState(this, state);
                break;
            default:
                throw Error("an object is given attributes that cannot have any");
        }
    }

    private void Append(List<object?> items)
    {
        PyTorchList list = Top() as PyTorchList is { IsTuple: false } open
            ? open
            : throw Error("items go to something not a list");
        items.ForEach(list.Add);
    }

    private void SetItems(List<object?> items)
    {
        PyTorchDictionary dictionary = Top() as PyTorchDictionary
            ?? throw Error("items go to something not a dictionary");
        Require(items.Count % 2 == 0, "a dictionary's key has no value");
        for (int index = 0; index < items.Count; index += 2)
        {
            dictionary.Set(items[index] ?? throw Error("a dictionary has None as a key"), items[index + 1]);
        }
    }

    private void PushNumber(uint length)
    {
        Require(length <= PickleLimits.NumberLength, "a whole number is immense");
        BigInteger number = new(cursor.Bytes(length));
        Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);
    }

    private void PushPython2String(uint length)
    {
        // Python 2 has one type for texts and bytes.
        ReadOnlySpan<byte> bytes = cursor.Bytes(length);
        Push((object?)PickleCursor.TryText(bytes) ?? bytes.ToArray());
    }

    private void Recall(uint index) =>
        Push(_memo.TryGetValue(index, out object? known)
            ? known
            : throw Error($"nothing was remembered as number {index}"));

    private void Push(object? item) => _stack.Add(item);

    private object? Top()
    {
        RequireObjects(1);
        return _stack[^1];
    }

    private object? Pop()
    {
        object? item = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return item;
    }

    private string PopText() => Pop() as string ?? throw Error("a name is not a text");

    private List<object?> Pop(int count)
    {
        RequireObjects(count);
        return PopFrom(_stack.Count - count);
    }

    private List<object?> PopToMark()
    {
        Require(_marks.Count > 0, "an instruction lacks its mark");
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopFrom(mark);
    }

    private List<object?> PopFrom(int start)
    {
        List<object?> items = _stack.GetRange(start, _stack.Count - start);
        _stack.RemoveRange(start, items.Count);
        return items;
    }

    private void RequireObjects(int count)
    {
        // What lies below the innermost mark belongs to an instruction to come.
        int floor = _marks.Count > 0 ? _marks[^1] : 0;
        Require(_stack.Count - floor >= count, "an instruction lacks its objects");
    }

    private void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw Error(problem);
        }
    }
}
