using System.Reflection;
using Subband.Torch.Native;

namespace Subband.Torch.Tests.Native;

public sealed class OperatorTests
{
    public static TheoryData<string> Fields => [.. AllFields().Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Every_operator_in_use_exists_in_this_libtorch(string field)
    {
        var op = (Operator)AllFields().Single(f => f.Name == field).GetValue(null)!;
        Assert.NotEqual(0, op.Resolve());
        Assert.StartsWith($"{op}(", op.Schema(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_operator_is_declared_twice()
    {
        var names = AllFields().Select(f => f.GetValue(null)!.ToString()).ToArray();
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void An_operator_that_this_libtorch_lacks_is_named()
    {
        var error = Assert.Throws<TensorArgumentException>(() => new Operator("aten::no_such_operator", "Tensor").Resolve());
        Assert.Contains("this libtorch has no operator aten::no_such_operator.Tensor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_argument_passes_the_door()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], 2, 3);

        Assert.Equal([3f, 1f, 6f, 4f], new Operator("aten::index", "Tensor") // a list with an absent tensor
            .Call(x, (Tensor?[])[null, Tensor.From([2L, 0L])]).ToArray<float>());
        Assert.Equal(0.5, new Operator("aten::full").Call((long[])[1], 0.5).Item());
        Assert.Equal([2, 2, 3], new Operator("aten::stack").Call((Tensor[])[x, x], 0).Shape.ToArray());
        Assert.Equal([4f, 3f], new Operator("aten::div", "Tensor_mode")
            .Call(Tensor.From([9f, 7f]), Tensor.From([2f, 2f]), "floor").ToArray<float>());
        Assert.Equal([4, 6], new Operator("aten::upsample_nearest2d", "vec") // an absent list, then a list of numbers
            .Call(x.View(1, 1, 2, 3), Value.None, (double[])[2, 2]).Shape[2..].ToArray());
        Assert.Equal(4, new Operator("aten::rand", "generator").Call((long[])[4], random).Count);
        Assert.Equal(DType.Float64, new Operator("aten::zeros").Call((long[])[1], DType.Float64, Value.Default, Device.Cpu).DType);
    }

    [Fact]
    public void Lists_too_long_for_the_stack_arrive_whole()
    {
        using var scope = new TensorScope();
        var parts = Enumerable.Range(0, 300).Select(i => Tensor.From([(float)i])).ToArray();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (float)i), Tensor.Cat(parts).ToArray<float>());
    }

    [Fact]
    public void Arguments_of_the_wrong_kind_and_number_are_refused_by_name()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2, 2]);
        var kind = Assert.Throws<TensorArgumentException>(() => new Operator("aten::select", "int").Call(x, 0, 0.5));
        Assert.Contains("argument 'index' of the schema cannot take a real number", kind.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<TensorArgumentException>(() => new Operator("aten::select", "int").Call(x, 0));
        Assert.Contains("argument 'index' is missing", missing.Message, StringComparison.Ordinal);
        var many = Assert.Throws<TensorArgumentException>(() => new Operator("aten::neg").Call(x, x));
        Assert.Contains("too many arguments", many.Message, StringComparison.Ordinal);
        var text = Assert.Throws<TensorArgumentException>(() => new Operator("aten::neg").Call(3));
        Assert.Contains("aten::neg", text.Message, StringComparison.Ordinal);
    }

    private static FieldInfo[] AllFields() => typeof(Operators).GetFields(BindingFlags.Public | BindingFlags.Static);
}
