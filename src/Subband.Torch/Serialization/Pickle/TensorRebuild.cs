namespace Subband.Torch.Serialization.Pickle;

/// <summary>
/// What PyTorch's own functions of these names do when a file is loaded: views of storages, every bound checked.
/// </summary>
internal static class TensorRebuild
{
    /// <summary>
    /// <c>_rebuild_tensor(storage, offset, size, stride)</c>, and <c>_v2</c> with arguments that matter only to
    /// autograd.
    /// </summary>
    public static PyTorchTensor Tensor(PickleMachine machine, PyTorchList arguments)
    {
        if (arguments.Count < 4
            || arguments[0] is not PyTorchStorage storage
            || arguments[1] is not long offset
            || Numbers(arguments[2]) is not { } shape
            || Numbers(arguments[3]) is not { } strides
            || shape.Length != strides.Length)
        {
            throw machine.Error("a tensor is not made of a storage, an offset, a shape and as many strides");
        }

        machine.Spend(shape.Length);
        if (!TensorExtent.TryCount(shape, storage.DType.SizeInBytes(), out long count))
        {
            throw machine.Error($"a tensor of shape {TensorExtent.Text(shape)} is too large for any memory");
        }

        return LiesInside(storage.Length, offset, shape, strides, count)
            ? new PyTorchTensor(storage, shape, strides, offset, count)
            : throw machine.Error(
                $"a tensor of shape {TensorExtent.Text(shape)}, strides {TensorExtent.Text(strides)} and offset "
                + $"{offset} reaches outside its storage of {storage.Length} elements");
    }

    /// <summary><c>_rebuild_parameter(data, requires_grad, backward_hooks)</c>, and the form with a state.</summary>
    public static PyTorchTensor Parameter(PickleMachine machine, PyTorchList arguments) =>
        arguments is [PyTorchTensor data, ..] ? data : throw machine.Error("a parameter is not made of a tensor");

    private static bool LiesInside(long length, long offset, long[] shape, long[] strides, long count)
    {
        // Slicing a tensor without elements moves its offset all the same, even past the storage's end.
        Int128 last = offset;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (strides[axis] < 0)
            {
                return false;
            }

            last += (Int128)Math.Max(shape[axis] - 1, 0) * strides[axis];
        }

        return offset >= 0 && (count == 0 || last < length);
    }

    private static long[]? Numbers(object? list) =>
        list is PyTorchList { Count: <= TensorExtent.MaxRank } numbers && numbers.All(number => number is long)
            ? [.. numbers.Cast<long>()]
            : null;
}
