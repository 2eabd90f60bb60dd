using Subband.Torch;
using Subband.Training;

namespace Subband.Tests;

public class ComputeChoiceTests
{
    [Fact]
    public void What_is_asked_for_is_taken()
    {
        Assert.Equal(Device.Cpu, ComputeChoice.Device(DeviceType.Cpu));
        Assert.Equal(3, ComputeChoice.Threads(3));
    }

    [Fact]
    public void Cuda_where_there_is_none_is_refused_with_the_way_out()
    {
        Assert.SkipWhen(Engine.CudaDevices > 0, "There is a CUDA device here.");
        Assert.Equal(Device.Cpu, ComputeChoice.Device(null));
        SubbandException error = Assert.Throws<SubbandException>(() => ComputeChoice.Device(DeviceType.Cuda));
        Assert.EndsWith("Leave out --device cuda to compute on the processor.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Precision_is_bf16_where_a_processor_gains_by_it()
    {
        Assert.SkipUnless(File.Exists("/proc/cpuinfo"), "Linux tells the processor's flags.");
        string[] lines = File.ReadAllLines("/proc/cpuinfo");
        string[] flags = lines.First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        bool isAmds = lines.Any(line => line.StartsWith("vendor_id", StringComparison.Ordinal) && line.EndsWith("AuthenticAMD", StringComparison.Ordinal));
        bool isFaster = flags.Contains("amx_bf16") || (isAmds && flags.Contains("avx512_bf16"));

        Assert.Equal(isFaster && Engine.Convolutions.HasOneDnn ? Precision.Bf16 : Precision.Fp32, ComputeChoice.Precision(Device.Cpu));
        Assert.Equal(isFaster && Engine.Convolutions.HasOneDnn, ComputeChoice.WhyNotBf16(Device.Cpu) is null);
    }

    [Fact]
    public void A_warning_is_given_where_oneDNN_was_switched_off_and_nowhere_else()
    {
        string? fault = Engine.Convolutions.Fault;
        Assert.Equal(fault is not null, ComputeChoice.Warning(Device.Cpu)?.Contains(fault ?? "", StringComparison.Ordinal) ?? false);
        Assert.Null(ComputeChoice.Warning(Device.Cuda));
    }

    [Fact]
    public void No_thread_at_all_is_refused() => Assert.Throws<UsageException>(() => ComputeChoice.Threads(0));
}
