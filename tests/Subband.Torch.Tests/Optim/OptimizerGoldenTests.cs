using Subband.Torch.Optim;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests.Optim;

/// <summary>Five steps of each optimizer against PyTorch's, or against what is written in PyTorch for want of one there.</summary>
public sealed class OptimizerGoldenTests
{
    public static TheoryData<string> Cases =>
        [.. new[] { "sgd", "adam", "rmsprop", "muon" }.SelectMany(GoldenNumbers.CasesOf)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_steps_equal_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers(name);
        var parameter = golden.Leaf("start");
        using var optimizer = Make(name, golden, [("p", parameter)]);
        var gradients = golden["grads"].Unbind();
        var expected = golden["params"].Unbind();
        for (var step = 0; step < gradients.Length; step++)
        {
            optimizer.Step([gradients[step]]);
            Near.Assert(expected[step], parameter, GoldenNumbers.Tolerance, $"{name}, step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_restored_optimizer_goes_on_exactly(string name)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers(name);
        var gradients = golden["grads"].Unbind();
        var straight = golden.Leaf("start");
        using var first = Make(name, golden, [("net.weight", straight)]);
        first.Step([gradients[0]]);
        first.Step([gradients[1]]);

        var resumed = straight.Detach().Clone();
        resumed.RequiresGrad = true;
        using var second = Make(name, golden, [("net.weight", resumed)]);
        var state = first.NamedState().ToDictionary(s => s.Name, s => s.Tensor.Clone());
        second.Load(state.GetValueOrDefault, "a test");

        for (var step = 2; step < gradients.Length; step++)
        {
            first.Step([gradients[step]]);
            second.Step([gradients[step]]);
        }

        Assert.Equal(first.Steps, second.Steps);
        Assert.Equal(straight.ToArray<double>(), resumed.ToArray<double>());
    }

    private static Optimizer Make(string name, GoldenNumbers golden, (string, Tensor)[] parameters) => name.Split('/')[0] switch
    {
        "sgd" => new Sgd(
            parameters,
            golden.Number("lr"),
            golden.Number("momentum"),
            golden.Number("dampening"),
            golden.Flag("nesterov"),
            golden.Number("weight_decay")),
        "adam" => new Adam(
            parameters,
            golden.Number("lr"),
            golden.Numbers("betas")[0],
            golden.Numbers("betas")[1],
            golden.Number("eps"),
            golden.Number("weight_decay")),
        "muon" => new Muon(parameters, golden.Number("lr"), golden.Number("momentum"), golden.Number("weight_decay")),
        _ => new RmsProp(
            parameters,
            golden.Number("lr"),
            golden.Number("alpha"),
            golden.Number("eps"),
            golden.Number("momentum"),
            golden.Flag("centered"),
            golden.Number("weight_decay")),
    };
}
