using System.Text.Json.Nodes;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

/// <summary>A LAPGAN that is trained on the first CUDA device; all skip where there is none.</summary>
public sealed class CudaTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public CudaTrainingTests() => Assert.SkipUnless(Engine.CudaDevices > 0, "There is no CUDA device here.");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Three_steps_are_those_of_one_step_that_goes_on(Precision precision)
    {
        _ = TinyLapgan.Train(Request("whole", precision, steps: 3));
        _ = TinyLapgan.Train(Request("parts", precision, steps: 1));
        _ = TinyLapgan.Train(new TrainingRequest { Out = _folder["parts"], Resume = true, Kimg = 0.048 });

        // Not to the last bit: a device sums in the order in which its threads come.
        double tolerance = precision == Precision.Fp32 ? 1e-4 : 1e-2;
        Assert.All(Measures("whole").Zip(Measures("parts")), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        using ModelFile whole = ModelStore.Open(_folder["whole"]);
        using ModelFile parts = ModelStore.Open(_folder["parts"]);
        Assert.Equal(whole.Counters.ToJsonString(), parts.Counters.ToJsonString());
        Assert.All(whole.Tensors.Names, name => AssertNear(whole.Tensors[name], parts.Tensors[name], tolerance));
    }

    [Fact]
    public void A_model_trained_there_is_sampled_on_either_device()
    {
        _ = TinyLapgan.Train(Request("run", Precision.Fp32, steps: 3));
        using ModelFile file = ModelStore.Open(_folder["run"]);
        using TensorScope scope = new();
        using IImageGenerator cpu = file.Family.LoadGenerator(file, Device.Cpu);
        using IImageGenerator cuda = file.Family.LoadGenerator(file, Device.Cuda);
        // Noise is drawn on the processor, so that the pictures are the same.
        AssertNear(cpu.Generate(4, seed: 1), cuda.Generate(4, seed: 1), 1e-2);
    }

    [Fact]
    public void A_run_begun_there_goes_on_on_the_processor()
    {
        _ = TinyLapgan.Train(Request("run", Precision.Fp32, steps: 1));
        _ = TinyLapgan.Train(new TrainingRequest { Out = _folder["run"], Resume = true, Kimg = 0.048, Device = DeviceType.Cpu });
        Assert.Equal(48, Checkpoint.Open(TinyRun.Newest(_folder["run"])).State.Images);
    }

    private TrainingRequest Request(string name, Precision precision, int steps) => TinyLapgan.In(_folder[name]) with
    {
        Device = DeviceType.Cuda,
        Precision = precision,
        Kimg = steps * 0.016,
    };

    private double[] Measures(string name) =>
    [
        .. JsonNode.Parse(File.ReadAllLines(_folder[$"{name}/metrics.jsonl"])[^1])!["measures"]!.AsObject().Select(measure => (double)measure.Value!),
    ];

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        using TensorScope scope = new();
        double difference = (expected.To(Device.Cpu) - actual.To(Device.Cpu)).To(DType.Float32).Abs().Max().Item();
        Assert.True(difference <= tolerance, $"The largest difference is {difference:g3}, at most {tolerance:g3} is allowed.");
    }
}
