namespace Subband.Torch.Tests;

/// <summary>What a user can do wrong gives an error of the right type that says what was wrong with what.</summary>
public sealed class MisuseTests
{
    [Fact]
    public void Shapes_that_do_not_fit_are_named_with_their_arguments()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TensorShapeException>(
            () => Functional.Conv2d(Tensor.Ones([1, 3, 32, 32]), Tensor.Ones([128, 64, 3, 3])));
        Assert.Equal("aten::conv2d", error.Operation);
        Assert.Contains("input float32 [1, 3, 32, 32] cpu", error.Message, StringComparison.Ordinal);
        Assert.Contains("weight float32 [128, 64, 3, 3] cpu", error.Message, StringComparison.Ordinal);

        Assert.Throws<TensorShapeException>(() => Tensor.Ones([2, 3]) + Tensor.Ones([4]));
        Assert.Throws<TensorShapeException>(() => Tensor.Ones([2, 3]).MatMul(Tensor.Ones([2, 3])));
        Assert.Throws<TensorShapeException>(() => Tensor.Ones([2, 3]).View(4, 2));
        Assert.Throws<TensorShapeException>(() => Tensor.Cat([Tensor.Ones([2, 3]), Tensor.Ones([2, 4])]));
        Assert.Throws<TensorShapeException>(() => Tensor.Zeros([2, -1]));
        Assert.Throws<TensorShapeException>(() => Tensor.Ones([2, 3]).Item());
    }

    [Fact]
    public void Element_types_that_do_not_fit_are_named()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TensorArgumentException>(
            () => Tensor.Ones([2, 2]).MatMul(Tensor.Ones([2, 2], DType.Float64)));
        Assert.Contains("other float64 [2, 2] cpu", error.Message, StringComparison.Ordinal);

        var read = Assert.Throws<TensorArgumentException>(() => Tensor.Ones([2]).ToArray<double>());
        Assert.Equal("ToArray: elements of type Double were asked for, the tensor is float32 [2] cpu.", read.Message);
        Assert.Throws<TensorArgumentException>(() => Tensor.Ones([2]).Span<long>());
    }

    [Fact]
    public void More_elements_than_an_array_holds_are_refused()
    {
        using var scope = new TensorScope();
        var many = Tensor.Ones([1]).Expand(1L << 31); // one element in memory
        var error = Assert.Throws<TensorArgumentException>(() => many.ToArray<float>());
        Assert.Equal("ToArray: at most 2147483591 elements fit, the tensor is float32 [2147483648] cpu. Narrow it first.", error.Message);
        Assert.Throws<TensorArgumentException>(() => many.Span<float>());
    }

    [Fact]
    public void Values_and_shape_must_agree_in_number()
    {
        var error = Assert.Throws<TensorArgumentException>(() => Tensor.From([1f, 2f, 3f], 2, 2));
        Assert.Contains("16 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("12", error.Message, StringComparison.Ordinal);
    }

    // −1 · −2 is as many as there are values; of the others no memory could hold the elements.
    [Theory]
    [InlineData(-1L, -2L)]
    [InlineData(1L << 32, 1L << 32)]
    [InlineData(1L << 45, 1L)]
    public void A_shape_that_cannot_hold_the_values_is_refused_before_memory_is_asked_for(long rows, long columns) =>
        Assert.Throws<TensorArgumentException>(() => Tensor.From([1f, 2f], rows, columns)); // and no TensorMemoryException

    [Fact]
    public void A_disposed_argument_names_the_operator()
    {
        using var scope = new TensorScope();
        var gone = Tensor.Ones([2]);
        gone.Dispose();
        gone.Dispose(); // a second time is harmless
        Assert.True(gone.IsDisposed);
        var error = Assert.Throws<ObjectDisposedException>(() => Tensor.Ones([2]) + gone);
        Assert.Contains("aten::add.Tensor", error.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => gone.RequiresGrad);
        Assert.Throws<ObjectDisposedException>(() => gone.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => Tensor.Cat([Tensor.Ones([2]), gone]));
        Assert.Throws<ObjectDisposedException>(() => Autograd.Grad(gone, [gone]));
        Assert.Equal("disposed", gone.ToString());
    }

    [Fact]
    public void A_disposed_generator_is_refused()
    {
        var gone = new Generator(1);
        gone.Dispose();
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Tensor.Rand([2], gone));
        Assert.Throws<ObjectDisposedException>(() => gone.State());
    }

    [Fact]
    public void A_petabyte_is_out_of_memory()
    {
        var error = Assert.Throws<TensorMemoryException>(() => Tensor.Empty([1L << 50], DType.UInt8));
        Assert.Contains("[1125899906842624]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_dimensions_than_supported_are_refused()
    {
        using var scope = new TensorScope();
        var deep = Tensor.Ones([1]).View(1, 1, 1, 1, 1, 1, 1, 1, 1);
        var error = Assert.Throws<TensorArgumentException>(() => deep.Dimensions);
        Assert.Contains("more than 8 dimensions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_need_a_recorded_computation()
    {
        using var scope = new TensorScope();
        var leaf = Tensor.Ones([2]);
        var none = Assert.Throws<TensorArgumentException>(() => Autograd.Grad(leaf.Sum(), [leaf]));
        Assert.Contains("does not require grad", none.Message, StringComparison.Ordinal);
        Assert.Contains("inputs [float32 [2] cpu]", none.Message, StringComparison.Ordinal);

        leaf.RequiresGrad = true;
        var elsewhere = Tensor.Ones([2]);
        elsewhere.RequiresGrad = true;
        Assert.Throws<TensorArgumentException>(() => Autograd.Grad(leaf.Sum(), [elsewhere]));
        Assert.Equal([0f, 0f], Autograd.Grad(leaf.Sum(), [elsewhere], allowUnused: true)[0].ToArray<float>());

        var twice = leaf.Square().Sum();
        _ = Autograd.Grad(twice, [leaf]);
        Assert.Throws<TensorArgumentException>(() => Autograd.Grad(twice, [leaf]));

        Assert.ThrowsAny<TorchException>(() => Autograd.Grad(leaf.Square(), [leaf])); // no scalar
        Assert.Throws<ArgumentException>(() => Autograd.Grad([leaf.Sum()], [], [leaf]));
        var missing = Assert.ThrowsAny<TorchException>(() => Autograd.Grad([null!], [null], [leaf]));
        Assert.Contains("outputs [none]", missing.Message, StringComparison.Ordinal);

        using (Autograd.NoGrad())
        {
            Assert.Throws<TensorArgumentException>(() => Autograd.Grad(leaf.Sum(), [leaf]));
        }
    }

    [Fact]
    public void A_parameter_changed_between_forward_and_backward_is_refused()
    {
        using var scope = new TensorScope();
        var leaf = Tensor.Ones([2]);
        leaf.RequiresGrad = true;
        var loss = leaf.Square().Sum();
        using (Autograd.NoGrad())
        {
            leaf.AddInPlace(1);
        }

        var error = Assert.Throws<TensorArgumentException>(() => Autograd.Grad(loss, [leaf]));
        Assert.Contains("modified by an inplace operation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_generator_state_is_refused_and_changes_nothing()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        using var same = new Generator(5);
        Assert.Throws<TensorArgumentException>(() => random.Restore(Tensor.Ones([3], DType.UInt8)));
        Assert.Throws<TensorArgumentException>(() => random.Restore(Tensor.Ones([3])));
        Assert.Equal(Tensor.Rand([4], same).ToArray<float>(), Tensor.Rand([4], random).ToArray<float>());
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused()
    {
        Assert.SkipWhen(Engine.CudaDevices > 0, "This machine has a CUDA device.");
        var error = Assert.ThrowsAny<TorchException>(() => Tensor.Zeros([1], device: Device.Cuda));
        Assert.Contains("CUDA", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_must_be_at_least_one() =>
        Assert.Throws<TensorArgumentException>(() => Engine.Threads = 0);
}
