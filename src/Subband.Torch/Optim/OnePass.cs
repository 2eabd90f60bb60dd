namespace Subband.Torch.Optim;

/// <summary>Whether Subband's own operators do what is done to all parameters after a batch, each in one pass over memory; see <c>native/ops/steps.h</c>.</summary>
internal static class OnePass
{
    /// <summary>Whether they take such a tensor, and what is remembered beside it.</summary>
    public static bool Takes(Tensor tensor) =>
        tensor.Device.Type == DeviceType.Cpu && tensor.DType == DType.Float32 && PackedFilters.Instructions is not null
            && (tensor.IsContiguous() || tensor.IsContiguous(MemoryFormat.ChannelsLast));
}
