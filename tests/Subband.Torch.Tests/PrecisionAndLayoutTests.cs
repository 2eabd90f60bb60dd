using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Torch.Tests;

/// <summary>Autocast and channels-last, and that they survive what a training step does.</summary>
public sealed class PrecisionAndLayoutTests
{
    [Fact]
    public void Autocast_convolves_in_bfloat16_with_float32_parameters_and_gradients()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var layer = new Conv2d(3, 8, 3, random);
        var input = Tensor.Randn([2, 3, 8, 8], random);
        var full = layer.Forward(input);
        Tensor loss;
        using (new Autocast(DeviceType.Cpu))
        {
            var output = layer.Forward(input);
            Assert.Equal(DType.BFloat16, output.DType);
            Near.Assert(full, output, 0.02); // 8 bits of mantissa
            loss = output.To(DType.Float32).Square().Mean();
        }

        Assert.Equal(DType.Float32, layer.Forward(input).DType);
        Assert.All(Autograd.Grad(loss, layer.Parameters()), gradient => Assert.Equal(DType.Float32, gradient.DType));
    }

    [Fact]
    public void A_tensor_that_is_on_the_device_already_is_not_copied()
    {
        using var scope = new TensorScope();
        var tensor = Tensor.Zeros([4]);
        var same = tensor.To(Device.Cpu);
        tensor.FillInPlace(1);
        Assert.Equal([1f, 1f, 1f, 1f], same.ToArray<float>());
        Assert.Equal(Device.Cpu, same.Device);
    }

    [Fact]
    public void Autocast_nests_and_ends_even_when_something_is_thrown()
    {
        using var scope = new TensorScope();
        var a = Tensor.Ones([4, 4]);
        using (new Autocast(DeviceType.Cpu))
        {
            using (new Autocast(DeviceType.Cpu, enabled: false))
            {
                Assert.Equal(DType.Float32, a.MatMul(a).DType);
            }

            Assert.Equal(DType.BFloat16, a.MatMul(a).DType);
        }

        Assert.Throws<TensorShapeException>(() =>
        {
            using var autocast = new Autocast(DeviceType.Cpu);
            return a.MatMul(Tensor.Ones([3, 3]));
        });
        Assert.Equal(DType.Float32, a.MatMul(a).DType);
    }

    [Fact]
    public void A_weight_cast_while_nothing_was_recorded_still_gets_its_gradient()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var layer = new Linear(4, 4, random);
        var input = Tensor.Randn([2, 4], random);
        using var autocast = new Autocast(DeviceType.Cpu);
        using (Autograd.NoGrad())
        {
            layer.Forward(input);
        }

        var gradients = Autograd.Grad(layer.Forward(input).To(DType.Float32).Sum(), layer.Parameters());
        Assert.NotEqual(0, gradients[0].Abs().Sum().Item());
    }

    [Fact]
    public void A_step_inside_autocast_is_seen_by_the_next_pass()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var layer = new Linear(4, 1, random);
        using var optimizer = new Sgd(layer.NamedParameters(), 1);
        var input = Tensor.Ones([1, 4]);
        using var autocast = new Autocast(DeviceType.Cpu);
        var before = layer.Forward(input);
        optimizer.Step(Autograd.Grad(before.To(DType.Float32).Sum(), layer.Parameters()));

        // Every weight and the bias fell by their gradient, 1.
        Assert.Equal(-5, layer.Forward(input).Item() - before.Item(), 0.1);
    }

    [Fact]
    public void Channels_last_passes_through_a_convolution_and_its_gradients()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var layer = new Conv2d(3, 8, 3, random, padding: 1);
        var input = Tensor.Randn([2, 3, 8, 8], random);
        var expected = layer.Forward(input);

        layer.To(MemoryFormat.ChannelsLast);
        var output = layer.Forward(input.Contiguous(MemoryFormat.ChannelsLast));
        Assert.True(output.IsContiguous(MemoryFormat.ChannelsLast));
        Assert.False(output.IsContiguous());
        Near.Assert(expected, output, 1e-6);

        Assert.Equal([3 * 9, 1, 3 * 3, 3], layer.Weight.Strides());
        Assert.True(layer.Weight.RequiresGrad);
        var activated = Functional.LeakyRelu(output, 0.2);
        Assert.True(activated.IsContiguous(MemoryFormat.ChannelsLast));
        Assert.True((output * 2).IsContiguous(MemoryFormat.ChannelsLast));
    }

    [Theory]
    [InlineData(MemoryFormat.Contiguous)]
    [InlineData(MemoryFormat.ChannelsLast)]
    public void An_optimizer_keeps_the_layout_of_its_parameters(MemoryFormat format)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var layer = new Conv2d(4, 8, 3, random);
        layer.To(format);
        using var optimizer = new Adam(layer.NamedParameters(), 1e-3);
        var output = layer.Forward(Tensor.Randn([2, 4, 8, 8], random).Contiguous(format));
        optimizer.Step(Autograd.Grad(output.Square().Mean(), optimizer.Parameters));
        Assert.All(
            optimizer.NamedState().Where(s => s.Tensor.Dimensions == 4),
            s => Assert.Equal(layer.Weight.Strides(), s.Tensor.Strides()));
    }
}
