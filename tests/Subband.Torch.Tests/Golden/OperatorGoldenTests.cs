using Subband.Torch.Native;

namespace Subband.Torch.Tests.Golden;

/// <summary>Operators of networks, forward and backward, against PyTorch's.</summary>
public sealed class OperatorGoldenTests
{
    public static TheoryData<string> Cases =>
        [.. new[] { "conv2d", "conv_transpose2d", "linear", "pool", "activation" }.SelectMany(GoldenNumbers.CasesOf)
            .Except(NotOffered)];

    // What the typed operators do not offer, because no network here needs it.
    private static readonly string[] NotOffered = ["activation/elu", "pool/avg_nopad"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Output_and_gradients_equal_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers(name);
        string[] leaves = [.. new[] { "input", "weight", "bias" }.Where(leaf => golden.Find(leaf) is not null)];
        var inputs = Array.ConvertAll(leaves, golden.Leaf);

        var output = Compute(name, golden, inputs[0], inputs.ElementAtOrDefault(1), inputs.ElementAtOrDefault(2));
        var gradients = Autograd.Grad([output], [golden["seed"]], inputs);

        golden.AssertEqual("output", output);
        for (var i = 0; i < leaves.Length; i++)
        {
            golden.AssertEqual("grad." + leaves[i], gradients[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Single_precision_comes_near(string name)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers(name);
        var inputs = Array.ConvertAll(["input", "weight", "bias"], leaf => golden.Find(leaf)?.To(DType.Float32));
        var output = Compute(name, golden, inputs[0]!, inputs[1], inputs[2]);
        Assert.Equal(DType.Float32, output.DType);
        golden.AssertEqual("output", output, 1e-5);
    }

    [Theory]
    [InlineData("bce_with_logits")]
    [InlineData("bce_with_logits_soft")]
    [InlineData("mse")]
    [InlineData("l1")]
    [InlineData("cross_entropy")]
    public void Losses_and_their_gradients_equal_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("loss/" + name);
        var input = golden.Leaf("input");
        var target = golden["target"];
        var loss = name switch
        {
            "mse" => Functional.MeanSquaredError(input, target),
            "l1" => Functional.MeanAbsoluteError(input, target),
            "cross_entropy" =>
                -Functional.LogSoftmax(input, 1).Gather(1, target.To(DType.Int64).Unsqueeze(1)).Mean(),
            _ => Functional.BinaryCrossEntropyWithLogits(input, target),
        };
        golden.AssertEqual("loss", loss);
        golden.AssertEqual("grad.input", Autograd.Grad(loss, [input])[0]);
    }

    internal static Tensor Compute(string name, GoldenNumbers golden, Tensor input, Tensor? weight, Tensor? bias) => name switch
    {
        // Strides and paddings that differ between height and width have no typed method; the operator takes them.
        "conv2d/strided" => Operators.Conv2d.Call(
            input, weight, bias, golden.Integers("stride"), golden.Integers("padding"), golden.Integers("dilation"), golden.Integer("groups")),
        "conv_transpose2d/grouped" => Operators.ConvTranspose2d.Call(
            input,
            weight,
            bias,
            golden.Integers("stride"),
            golden.Integers("padding"),
            golden.Integers("output_padding"),
            golden.Integer("groups"),
            golden.Integers("dilation")),
        "pool/max" or "pool/max_ceil" or "pool/max_padded" =>
            Functional.MaxPool2d(input, First(golden, "kernel"), First(golden, "stride"), First(golden, "padding"), golden.Flag("ceil")),
        "pool/avg" => Functional.AvgPool2d(input, First(golden, "kernel"), First(golden, "stride"), First(golden, "padding")),
        "pool/adaptive" => Functional.AdaptiveAvgPool2d(input, golden.Integers("size")[0], golden.Integers("size")[1]),
        "activation/relu" => Functional.Relu(input),
        "activation/leaky_relu" => Functional.LeakyRelu(input, golden.Number("slope")),
        "activation/sigmoid" => Functional.Sigmoid(input),
        "activation/tanh" => Functional.Tanh(input),
        "activation/softplus" => Functional.Softplus(input),
        "activation/softmax" => Functional.Softmax(input, (int)golden.Integer("dim")),
        "activation/log_softmax" => Functional.LogSoftmax(input, (int)golden.Integer("dim")),
        "activation/silu" => Functional.Silu(input),
        "activation/gelu" => Functional.Gelu(input),
        _ when name.StartsWith("linear/", StringComparison.Ordinal) => Functional.Linear(input, weight!, bias),
        _ when name.StartsWith("conv2d/", StringComparison.Ordinal) => Functional.Conv2d(
            input, weight!, bias, First(golden, "stride"), First(golden, "padding"), First(golden, "dilation"), golden.Integer("groups")),
        _ when name.StartsWith("conv_transpose2d/", StringComparison.Ordinal) => Functional.ConvTranspose2d(
            input,
            weight!,
            bias,
            First(golden, "stride"),
            First(golden, "padding"),
            First(golden, "output_padding"),
            golden.Integer("groups")),
        _ => throw new ArgumentException($"There is no computation for the golden case '{name}'.", nameof(name)),
    };

    private static long First(GoldenNumbers golden, string setting) => golden.Integers(setting)[0];
}
