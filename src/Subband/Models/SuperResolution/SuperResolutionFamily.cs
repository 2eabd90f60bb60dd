using System.Text.Json;
using Subband.Data;
using Subband.Torch;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>Super-resolution: networks that add to a photograph the band of detail above its own resolution.</summary>
public sealed class SuperResolutionFamily : IModelFamily
{
    internal const string FamilyName = "super-resolution";

    private static readonly SuperResolutionSettings Defaults = new();

    // Who reads what; the defaults of all others must stay, for they would change nothing.
    private static readonly (string Name, NetworkKind[] Readers)[] Particular =
    [
        ("network.colour", [NetworkKind.Srcnn, NetworkKind.Vdsr]),
        ("network.enlargement", [NetworkKind.Srcnn, NetworkKind.Vdsr]),
        ("network.kernels", [NetworkKind.Srcnn]),
        ("network.widths", [NetworkKind.Srcnn]),
        ("network.width", [NetworkKind.Vdsr, NetworkKind.Rdn, NetworkKind.Rcan, NetworkKind.SrResNet]),
        ("network.layers", [NetworkKind.Vdsr, NetworkKind.Rdn]),
        ("network.blocks", [NetworkKind.Rdn, NetworkKind.Rcan, NetworkKind.SrResNet]),
        ("network.groups", [NetworkKind.Rcan]),
        ("network.reduction", [NetworkKind.Rcan]),
        ("network.growth", [NetworkKind.Rdn]),
        ("network.tailWidth", [NetworkKind.Rdn, NetworkKind.Rcan, NetworkKind.SrResNet]),
        ("network.band", [NetworkKind.Rdn, NetworkKind.Rcan, NetworkKind.SrResNet]),
        ("network.batchNorm", [NetworkKind.SrResNet]),
        ("network.bias", [NetworkKind.Vdsr]),
        ("network.mean", [NetworkKind.Rdn, NetworkKind.Rcan]),
        ("network.range", [NetworkKind.Rdn, NetworkKind.Rcan]),
    ];

    /// <inheritdoc/>
    public string Name => FamilyName;

    /// <inheritdoc/>
    public IReadOnlyList<Preset> Presets => SuperResolutionPresets.All;

    /// <inheritdoc/>
    public Type SettingsType => typeof(SuperResolutionSettings);

    /// <inheritdoc/>
    public void Validate(ModelSettings settings, IReadOnlyList<string> classes)
    {
        var own = (SuperResolutionSettings)settings;
        RequireUsable(own);
        RequireTrainable(own);
    }

    /// <summary>Refuses settings of which no network can be made; whether they can be trained by, which needs further files, is another matter.</summary>
    /// <exception cref="UsageException">They do not fit each other; the message names them.</exception>
    internal static void RequireUsable(SuperResolutionSettings settings)
    {
        var own = settings.Network;
        var scales = string.Join(",", own.Scales);
        Require(
            own.Scales.Count > 0 && own.Scales.Distinct().Count() == own.Scales.Count,
            $"network.scales is '{scales}'; it needs at least one factor, and none twice.");
        switch (own.Kind)
        {
            case NetworkKind.Srcnn:
                Require(own.Kernels.Count == 3, $"network.kernels has {own.Kernels.Count} numbers; SRCNN needs three.");
                Require(own.Kernels.All(kernel => kernel % 2 == 1), "network.kernels must be odd, so that a convolution keeps the size.");
                Require(own.Widths.Count == 2, $"network.widths has {own.Widths.Count} numbers; SRCNN needs two.");
                break;
            case NetworkKind.Vdsr:
                Require(own.Layers >= 2, $"network.layers is {own.Layers}; VDSR needs at least 2.");
                break;
            default:
                Require(own.Scales.Count == 1, $"network.scales is {scales}; {Text(own.Kind)} enlarges by one factor only.");
                Require(
                    PixelShuffleUpsampler.Takes(own.Scales[0]), $"network.scales is {scales}; {Text(own.Kind)} enlarges by 2, 3, 4, 8 or 16.");
                break;
        }

        Require(own.Mean.Count is 0 or 3, $"network.mean has {own.Mean.Count} numbers; it needs three, or none.");
        Require(
            !own.Band || own.Mean.Count == 0,
            "network.mean is added to what a network computes, and a band has none: leave network.mean empty where network.band is true.");
        Require(
            own.Kind != NetworkKind.Rcan || own.Reduction <= own.Width,
            $"network.reduction is {own.Reduction}; it can be at most network.width, which is {own.Width}.");
        RequireRead(settings);
    }

    /// <inheritdoc/>
    public BatchPlan Plan(ModelSettings settings, ulong seed)
    {
        var own = (SuperResolutionSettings)settings;
        var side = PatchSide(own);
        return new BatchPlan
        {
            Height = side,
            Width = side,
            BatchSize = own.Training.BatchSize,
            Seed = seed,
            Order = own.Training.Order,
            Flip = own.Training.Flip,
            Turn = own.Patch.Turn,
            Crop = CropRule.Random,
            Coarse = new CoarseImages
            {
                Scales = own.Network.Scales,
                Degradation = own.Patch.Degradation,
                Sizes = own.Patch.Sizes,
                IsEnlarged = WorksAtFullSize(own.Network.Kind),
            },
        };
    }

    /// <inheritdoc/>
    public void RequireFiles(ModelSettings settings, Device device)
    {
        var own = (SuperResolutionSettings)settings;
        using ValidationPhotographs photographs = new(own, device);
        using var content = own.Loss.ContentWeight > 0 ? ContentLoss.Load(own.Loss, device) : null;
        using var teacher = own.Loss.Teacher.Length > 0 ? Teacher.Load(own, device) : null;
        if (own.Optimizer.StartFrom is { Length: > 0 } model)
        {
            using var random = new Generator(0);
            using var network = SuperResolutionNetworks.Make(own, random);
            StartingWeights.Copy(model, network);
        }
    }

    /// <inheritdoc/>
    public ITrainee NewTrainee(string preset, ModelSettings settings, TrainingContext context) =>
        new SuperResolutionTrainee(preset, (SuperResolutionSettings)settings, context);

    /// <summary>The side of what a network makes of a patch while it is trained.</summary>
    internal static int PatchSide(SuperResolutionSettings settings) =>
        WorksAtFullSize(settings.Network.Kind) ? settings.Patch.Size : settings.Patch.Size * settings.Network.Scales[0];

    /// <inheritdoc/>
    public IImageGenerator LoadGenerator(ModelFile file, Device device)
    {
        ArgumentNullException.ThrowIfNull(file);
        throw new SubbandException(
            $"{file.Tensors.Path} is {file.Preset}, which enlarges photographs and makes none from nothing; use 'subband upscale'.");
    }

    /// <inheritdoc/>
    public IUpscaler LoadUpscaler(ModelFile file, Device device)
    {
        ArgumentNullException.ThrowIfNull(file);
        return SuperResolutionModel.Load(file, device);
    }

    /// <inheritdoc/>
    public string? Warning(ModelFile file) => null;

    /// <inheritdoc/>
    public ModelForUse ForUse(IReadOnlyList<ModelFile> files) => AveragedTensors.ForUse(files);

    private static void RequireRead(SuperResolutionSettings settings)
    {
        var unread = Particular.Where(entry => !entry.Readers.Contains(settings.Network.Kind))
            .Select(entry => SettingsTree.Find(typeof(SuperResolutionSettings), entry.Name))
            .Where(setting => setting.Text(settings) != setting.Text(Defaults))
            .ToArray();
        Require(
            unread.Length == 0,
            $"The network {Text(settings.Network.Kind)} does not read "
            + $"{string.Join(", ", unread.Select(setting => $"{setting.Name}={setting.Text(settings)}"))}. Choose one that does, or leave the "
            + $"defaults: {string.Join(' ', unread.Select(setting => $"--set {setting.Name}={setting.Text(Defaults)}"))}.");
    }

    private static string Text(NetworkKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static bool WorksAtFullSize(NetworkKind kind) => kind is NetworkKind.Srcnn or NetworkKind.Vdsr;

    private static void RequireTrainable(SuperResolutionSettings own)
    {
        var (loss, side) = (own.Loss, PatchSide(own));
        Require(
            side > 2 * loss.Border,
            $"loss.border is {loss.Border}, which leaves nothing of patches of {side} pixels; make it smaller, or patch.size larger.");
        Require(
            loss.PixelWeight > 0 || loss.ContentWeight > 0,
            "loss.pixelWeight and loss.contentWeight are both 0: nothing would tell the network what the photograph is.");
        Require(
            loss.ContentWeight == 0 || loss.Features.Length > 0,
            "loss.contentWeight needs the network that compares features: give --set loss.features=FILE, a VGG19 or SqueezeNet 1.1 with torchvision's "
            + "names, such as https://download.pytorch.org/models/vgg19-dcbb9e9d.pth. To do without, --set loss.contentWeight=0.");
        Require(
            loss.ContentWeight > 0 || loss.Features.Length == 0,
            $"loss.features={loss.Features} is read only where loss.contentWeight is more than 0.");
        Require(
            loss.Teacher.Length > 0 || loss.TeacherShare == Defaults.Loss.TeacherShare,
            "loss.teacherShare is read only where there is a teacher: give --set loss.teacher=MODEL too.");
        Require(
            loss.Teacher.Length == 0 || loss.AdversarialWeight == 0,
            $"With loss.teacher={loss.Teacher} the discriminator would take the teacher's pictures for photographs. Leave out one of them: "
            + "--set loss.teacher= or --set loss.adversarialWeight=0.");
        Require(
            (loss.ContentWeight == 0 && loss.AdversarialWeight == 0) || own.Network.Colour == ImageColour.Rgb,
            "Features and discriminators judge colours; the network sees the brightness alone. Choose network.colour=rgb.");
        var validation = own.Validation;
        Require(
            validation.Features.Length > 0 == validation.LpipsWeights.Length > 0,
            "LPIPS needs both its network and the linear weights for it: give --set validation.features=FILE and --set validation.lpipsWeights=FILE, or neither.");
        Require(
            validation.Features.Length == 0 || validation.Data.Length > 0,
            "validation.features and validation.lpipsWeights are read only where photographs are measured: give --validation SOURCE too.");
        Require(
            own.Optimizer.ReviveKimg == 0 || own.Network.Kind is NetworkKind.Srcnn or NetworkKind.Vdsr,
            $"optimizer.reviveKimg is for the plain rows of layers of srcnn and vdsr; {Text(own.Network.Kind)} has paths around its filters.");
        Require(
            loss.AdversarialWeight == 0 || SrganDiscriminator.Takes(side),
            $"The discriminator judges patches whose side is a multiple of {SrganDiscriminator.Shrinking}, these have {side}; change patch.size.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new UsageException(otherwise);
        }
    }
}
