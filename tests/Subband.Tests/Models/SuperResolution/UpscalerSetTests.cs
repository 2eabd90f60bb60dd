using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.SuperResolution;

public class UpscalerSetTests
{
    [Fact]
    public void The_network_for_a_factor_is_loaded_when_it_is_asked_for_and_freed_with_the_set()
    {
        using TensorScope scope = new();
        List<int> loaded = [];
        List<IUpscaler> networks = [];
        using (UpscalerSet set = new(new[] { 4, 2, 3 }.ToDictionary(scale => scale, scale => (Func<IUpscaler>)(() => Load(scale)))))
        {
            Assert.Equal([2, 3, 4], set.Scales);
            Assert.Equal([1, 3, 27, 15], set.Upscale(Tensor.Full([1, 3, 9, 5], 0.5), 3).Shape.ToArray());
            Assert.Equal(networks[0].Reach(3), set.Reach(3));
            Assert.Equal([3], loaded);
            Assert.Equal("This set of networks enlarges by 2 or 3 or 4, not by 5.", Assert.Throws<UsageException>(() => set.Reach(5)).Message);
        }

        Assert.Throws<ObjectDisposedException>(() => networks[0].Upscale(Tensor.Full([1, 3, 9, 5], 0.5), 3));

        IUpscaler Load(int scale)
        {
            loaded.Add(scale);
            SuperResolutionSettings settings = (SuperResolutionSettings)SettingsTree.Apply(
                SettingsTree.Apply(ModelRegistry.Preset("edsr").Preset.Settings, "network.blocks", "1"), "network.scales", $"{scale}");
            networks.Add(SuperResolutionModel.Untrained(settings, Device.Cpu));
            return networks[^1];
        }
    }
}
