using System.Security.Cryptography;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>Opens what enlarges photographs, by the name that somebody gives it.</summary>
public static class UpscalingModels
{
    /// <summary>A network that loses less than this, in decibels, computes so unasked; no eye sees so little.</summary>
    public const double NegligibleCost = 0.01;

    private const string Best = "rdn";
    private const string WithoutNetwork = "bicubic";

    // From the plainest to the one that looks sharpest.
    private static readonly string[] Networks = ["vdsr", Best, "srgan"];

    /// <summary>What is taken where nobody names a model: a network, or bicubic interpolation where none came with this copy of Subband.</summary>
    public static string Standard => ModelStore.IsShipped(Best) ? Best : WithoutNetwork;

    /// <summary>The names of the networks that came with this copy of Subband, from the plainest to the one that looks sharpest.</summary>
    public static IReadOnlyList<string> Shipped => [.. Networks.Where(ModelStore.IsShipped)];

    /// <summary>Opens a model.</summary>
    /// <param name="name">An interpolation (see <see cref="Interpolation.Names"/>), or what <see cref="ModelStore.Open"/> takes.</param>
    /// <param name="device">Where to compute, asked only where a network is opened; a CUDA device where there is one unless given.</param>
    /// <param name="precision">
    /// How exactly a network computes; null for the fastest here of which the model's file says that it costs less than
    /// <see cref="NegligibleCost"/> (<see cref="ModelFile.Costs"/>), single precision where there is none.
    /// </param>
    /// <param name="selfEnsemble">Whether a network is asked eight times.</param>
    /// <param name="say">Told what whoever uses the model has to know; nobody unless given.</param>
    /// <exception cref="SubbandException">There is no such model, it is damaged, or enlarges no photographs.</exception>
    public static UpscalingModel Open(
        string name, Func<Device>? device = null, UpscalingPrecision? precision = null, bool selfEnsemble = false, Action<string>? say = null)
    {
        if (Interpolation.Named(name) is { } interpolation)
        {
            return selfEnsemble
                ? throw new UsageException($"--self-ensemble asks a network eight times; {name} would give the same answer every time. Leave it out.")
                : new UpscalingModel(name, null, "", interpolation, Device.Cpu);
        }

        IReadOnlyList<string> paths = Find(name);
        Device place = device is null ? ComputeChoice.Device(null) : device();
        (IUpscaler network, string preset, PrecisionCosts costs) = paths.Count == 1 ? Load(paths[0], place, say) : LoadSet(paths, place, say);
        return new UpscalingModel(
            name,
            preset,
            string.Join(' ', paths.Select(HashOf)),
            selfEnsemble ? new SelfEnsemble(network) : network,
            place,
            Known(precision, place, say) ?? FastestOf(place, costs));
    }

    /// <summary>Opens a model; or, where there is none of this name, makes the untrained network of a preset, such as to time it.</summary>
    /// <param name="name">What <see cref="Open"/> takes, or a preset.</param>
    /// <param name="device">Where to compute, asked only where a network is opened.</param>
    /// <param name="precision">As <see cref="Open"/> takes it; an untrained network computes in single precision unless told otherwise.</param>
    /// <param name="say">Told what whoever uses the model has to know.</param>
    /// <exception cref="UsageException">It is neither; or the preset enlarges no photographs.</exception>
    internal static UpscalingModel OpenOrMake(string name, Func<Device> device, UpscalingPrecision? precision, Action<string> say)
    {
        if (ModelRegistry.Presets.All(entry => entry.Preset.Name != name) || Path.Exists(name) || ModelStore.IsShipped(name))
        {
            return Open(name, device, precision, selfEnsemble: false, say);
        }

        if (ModelRegistry.Preset(name).Preset.Settings is not SuperResolutionSettings settings)
        {
            string[] enlarging = [.. ModelRegistry.Presets.Where(entry => entry.Preset.Settings is SuperResolutionSettings).Select(entry => entry.Preset.Name)];
            throw new UsageException($"The preset {name} enlarges no photographs. These do: {string.Join(", ", enlarging)}.");
        }

        Device place = device();
        return new UpscalingModel(
            name, name, "", SuperResolutionModel.Untrained(settings, place), place, Known(precision, place, say) ?? UpscalingPrecision.Fp32);
    }

    private static UpscalingPrecision FastestOf(Device device, PrecisionCosts costs) =>
        ComputeChoice.WhyNotBf16(device) is not null ? UpscalingPrecision.Fp32
            : costs.Fast < NegligibleCost && HasFastClass(device) ? UpscalingPrecision.Fast
            : costs.Bf16 < NegligibleCost ? UpscalingPrecision.Bf16
            : UpscalingPrecision.Fp32;

    private static bool HasFastClass(Device device) => device.Type == DeviceType.Cpu && Engine.IsBf16Multiplied;

    private static UpscalingPrecision? Known(UpscalingPrecision? precision, Device device, Action<string>? say)
    {
        if (precision == UpscalingPrecision.Fast && !HasFastClass(device))
        {
            say?.Invoke($"fast is no faster than bf16 on this {(device.Type == DeviceType.Cpu ? "processor" : "device")}, and computes the same");
        }

        return precision;
    }

    private static (IUpscaler Network, string Preset, PrecisionCosts Costs) Load(string path, Device device, Action<string>? say)
    {
        using ModelFile file = ModelFile.Open(path);
        if (file.Family.Warning(file) is { } warning)
        {
            say?.Invoke(warning);
        }

        return (file.Family.LoadUpscaler(file, device), file.Preset, file.Costs);
    }

    private static (IUpscaler Networks, string Preset, PrecisionCosts Costs) LoadSet(IReadOnlyList<string> paths, Device device, Action<string>? say)
    {
        Dictionary<int, Func<IUpscaler>> networks = [];
        string preset = "";
        List<PrecisionCosts> costs = [];
        foreach (string path in paths)
        {
            using ModelFile file = ModelFile.Open(path);
            int scale = file.Settings is SuperResolutionSettings { Network.Scales: [var only] }
                ? only
                : throw new SubbandException($"{path} is named as one of several networks for a factor each, but is none for a single factor.");
            networks.Add(scale, () => Load(path, device, say).Network);
            preset = file.Preset;
            costs.Add(file.Costs);
        }

        return (new UpscalerSet(networks), preset, PrecisionCosts.Highest(costs));
    }

    private static IReadOnlyList<string> Find(string name)
    {
        try
        {
            return ModelStore.FindSet(name);
        }
        catch (UsageException error)
        {
            throw new UsageException($"{error.Message} Without a network there are: {string.Join(", ", Interpolation.Names)}.", error);
        }
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
