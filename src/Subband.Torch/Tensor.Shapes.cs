using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>Views, copies and arrangements. Dimensions count from 0, or from −1 for the last.</content>
public sealed partial class Tensor
{
    /// <summary>The same elements cast to another type; this tensor's elements when it has that type already.</summary>
    public Tensor To(DType dtype) => Operators.ToDType.Call(this, dtype);

    /// <summary>The same elements on a device; no copy when they are there already.</summary>
    public Tensor To(Device device) => Operators.ToDevice.Call(this, device, DType);

    /// <summary>A copy with memory of its own.</summary>
    public Tensor Clone() => Operators.Clone.Call(this);

    /// <summary>The same elements in the given layout; no copy when they lie so already.</summary>
    public Tensor Contiguous(MemoryFormat format = MemoryFormat.Contiguous) => Operators.Contiguous.Call(this, format);

    /// <summary>The same elements, cut off from the recorded computation.</summary>
    public Tensor Detach() => Operators.Detach.Call(this);

    /// <summary>The same elements in another shape, without a copy.</summary>
    /// <param name="shape">One size may be −1: what remains.</param>
    public Tensor View(params long[] shape) => Operators.View.Call(this, shape);

    /// <summary>The same elements in another shape, copied only where a view is impossible.</summary>
    /// <param name="shape">One size may be −1: what remains.</param>
    public Tensor Reshape(params long[] shape) => Operators.Reshape.Call(this, shape);

    /// <summary>Joins the dimensions from one to another into one.</summary>
    public Tensor Flatten(int from = 1, int to = -1) => Operators.Flatten.Call(this, from, to);

    /// <summary>The dimensions in another order.</summary>
    public Tensor Permute(params long[] order) => Operators.Permute.Call(this, order);

    /// <summary>Two dimensions exchanged.</summary>
    public Tensor Transpose(int a = -2, int b = -1) => Operators.Transpose.Call(this, a, b);

    /// <summary>Drops a dimension of size 1.</summary>
    public Tensor Squeeze(int dimension) => Operators.Squeeze.Call(this, dimension);

    /// <summary>Inserts a dimension of size 1.</summary>
    public Tensor Unsqueeze(int dimension) => Operators.Unsqueeze.Call(this, dimension);

    /// <summary>A view in which dimensions of size 1 are repeated.</summary>
    /// <param name="shape">−1 keeps a size.</param>
    public Tensor Expand(params long[] shape) => Operators.Expand.Call(this, shape);

    /// <summary>Copies side by side, so many along each dimension.</summary>
    public Tensor Repeat(params long[] times) => Operators.Repeat.Call(this, times);

    /// <summary>Tensors joined along an existing dimension.</summary>
    public static Tensor Cat(Tensor[] tensors, int dimension = 0) => Operators.Cat.Call(tensors, dimension);

    /// <summary>Tensors of one shape joined along a new dimension.</summary>
    public static Tensor Stack(Tensor[] tensors, int dimension = 0) => Operators.Stack.Call(tensors, dimension);

    /// <summary>Parts of a size along a dimension; the last may be smaller.</summary>
    public Tensor[] Split(long size, int dimension = 0) => Operators.Split.CallForList(this, size, dimension);

    /// <summary>The slices along a dimension, which disappears.</summary>
    public Tensor[] Unbind(int dimension = 0) => Operators.Unbind.CallForList(this, dimension);

    /// <summary>A run of indices along a dimension, a view.</summary>
    public Tensor Narrow(int dimension, long start, long length) => Operators.Narrow.Call(this, dimension, start, length);

    /// <summary>One index along a dimension, which disappears; a view.</summary>
    public Tensor Select(int dimension, long index) => Operators.Select.Call(this, dimension, index);

    /// <summary>Every <paramref name="step"/>-th index from start to below end along a dimension, a view.</summary>
    public Tensor Slice(int dimension, long start, long end, long step = 1) =>
        Operators.Slice.Call(this, dimension, start, end, step);

    /// <summary>Chosen indices along a dimension.</summary>
    /// <param name="dimension">Along which.</param>
    /// <param name="indices">int64 [N].</param>
    public Tensor IndexSelect(int dimension, Tensor indices) => Operators.IndexSelect.Call(this, dimension, indices);

    /// <summary>For each place the element that an index of the same shape names along a dimension.</summary>
    public Tensor Gather(int dimension, Tensor indices) => Operators.Gather.Call(this, dimension, indices);

    /// <summary>The reverse order along some dimensions.</summary>
    public Tensor Flip(params long[] dimensions) => Operators.Flip.Call(this, dimensions);

    /// <summary>A cyclic shift along a dimension.</summary>
    public Tensor Roll(long shift, int dimension) => Operators.Roll.Call(this, (long[])[shift], (long[])[dimension]);

    /// <summary>A constant border.</summary>
    /// <param name="widths">Before and after along the last dimension, then along the last but one, and so on.</param>
    /// <param name="value">What the border holds.</param>
    public Tensor Pad(long[] widths, double value = 0) => Operators.ConstantPad.Call(this, widths, value);

    /// <summary>A border that mirrors the image without repeating its edge.</summary>
    /// <param name="widths">Left, right, top, bottom.</param>
    public Tensor PadReflecting(params long[] widths) => Operators.ReflectionPad2d.Call(this, widths);

    /// <summary>A border that repeats the image's edge.</summary>
    /// <param name="widths">Left, right, top, bottom.</param>
    public Tensor PadReplicating(params long[] widths) => Operators.ReplicationPad2d.Call(this, widths);
}
