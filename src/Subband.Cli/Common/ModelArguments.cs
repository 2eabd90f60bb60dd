using System.CommandLine;
using System.Globalization;
using Subband.Data;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Cli.Common;

/// <summary>A trained model that was opened from what stands for <c>MODEL</c>.</summary>
/// <param name="Name">What was typed.</param>
/// <param name="Preset">The preset it was trained with.</param>
/// <param name="Plan">How images are brought to its size.</param>
/// <param name="Generator">The model.</param>
/// <param name="Device">Where it computes.</param>
internal sealed record LoadedModel(string Name, string Preset, BatchPlan Plan, IImageGenerator Generator, Device Device) : IDisposable
{
    /// <summary>Frees the model.</summary>
    public void Dispose() => Generator.Dispose();
}

/// <summary>The argument <c>MODEL</c>, and where its model computes.</summary>
internal static class ModelArguments
{
    private const string Name = "MODEL";
    private const string What = "A shipped model's name, a run, a checkpoint or a .safetensors file";

    /// <summary>The argument.</summary>
    public static Argument<string> Model() => new(Name) { Description = What };

    /// <summary>The argument, where there may be several.</summary>
    /// <param name="several">What becomes of several.</param>
    public static Argument<string[]> Models(string several) => new(Name)
    {
        Description = $"{What}. {several}",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Opens a model that makes images from nothing, and says what there is to know about it.</summary>
    /// <param name="run">The call.</param>
    /// <param name="model">What was typed.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="threads">Threads to compute with; null for one on each core.</param>
    /// <exception cref="SubbandException">There is no such model, it is damaged, or the device is missing.</exception>
    public static LoadedModel Open(Invocation run, string model, DeviceChoice device, int? threads)
    {
        using ModelFile file = ModelStore.Open(model);
        if (file.Family.Warning(file) is { } warning)
        {
            run.Say($"note: {warning}");
        }

        Device place = Place(run, device, threads);
        IImageGenerator generator = file.Family.LoadGenerator(file, place);
        return new LoadedModel(model, file.Preset, file.Family.Plan(file.Settings, seed: 0), generator, place);
    }

    /// <summary><c>--class CLASS</c>.</summary>
    /// <param name="description">What is of that class.</param>
    public static Option<string> Class(string description) => new("--class")
    {
        Description = $"{description}, by its name or number",
        HelpName = "CLASS",
    };

    /// <summary>The number of the class that was asked for; null for none.</summary>
    /// <param name="run">The call.</param>
    /// <param name="option">What <see cref="Class"/> made.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="UsageException">The model has no such class; the message offers the nearest.</exception>
    public static int? Label(Invocation run, Option<string> option, LoadedModel model)
    {
        if (!run.IsGiven(option))
        {
            return null;
        }

        IReadOnlyList<string> classes = model.Generator.Classes;
        return classes.Count == 0
            ? throw new UsageException($"This model has no classes to choose from; leave out {option.Name}.")
            : ClassNumber(run.Get(option), classes);
    }

    /// <summary>The number of a class that was typed.</summary>
    /// <param name="given">Its name; where none has that, its number, from 0.</param>
    /// <param name="classes">The names of the model's classes, at least one.</param>
    /// <exception cref="UsageException">There is none; the message offers the nearest.</exception>
    public static int ClassNumber(string given, IReadOnlyList<string> classes)
    {
        if (classes.Contains(given) || !int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return UsageException.RequireKnown("class", given, classes);
        }

        return number >= 0 && number < classes.Count
            ? number
            : throw new UsageException($"There is no class {given}: this model's are 0 ({classes[0]}) to {classes.Count - 1} ({classes[^1]}).");
    }

    /// <summary>Whether what was typed is a plain interpolation, and no file or folder of that name.</summary>
    public static bool IsInterpolation(string model) => Interpolation.Names.Contains(model) && !Path.Exists(model);

    /// <summary>Opens a model that enlarges photographs, or a plain interpolation, and says what there is to know about it.</summary>
    /// <param name="run">The call.</param>
    /// <param name="model">What was typed.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="precision">In which precision; auto as <see cref="UpscalingModels.Open"/> has it.</param>
    /// <param name="threads">Threads to compute with; null for one on each core.</param>
    /// <param name="selfEnsemble">Whether a network is asked eight times.</param>
    /// <exception cref="SubbandException">There is no such model, it is damaged, or the device is missing.</exception>
    public static UpscalingModel OpenUpscaler(
        Invocation run, string model, DeviceChoice device, UpscalingPrecisionChoice precision, int? threads, bool selfEnsemble)
    {
        if (IsInterpolation(model) && (device == DeviceChoice.Cuda || precision is not (UpscalingPrecisionChoice.Auto or UpscalingPrecisionChoice.Fp32)))
        {
            run.Say($"note: {model} is computed on the processor in single precision; --device and --precision have no part in it");
        }

        return UpscalingModels.Open(
            model, () => Place(run, device, threads), precision.Wanted(), selfEnsemble, text => run.Say($"note: {text}"));
    }

    /// <summary>Gets the engine ready for a model that is in use, and says what there is to know about computing here.</summary>
    /// <param name="run">The call.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="threads">Threads to compute with; null for one on each core.</param>
    /// <returns>Where it computes.</returns>
    /// <exception cref="SubbandException">The device is missing.</exception>
    public static Device Place(Invocation run, DeviceChoice device, int? threads)
    {
        Engine.Threads = ComputeChoice.Threads(threads);
        Device place = ComputeChoice.Device(device.Wanted());
        ComputeNote.Tell(run, place);
        return place;
    }
}
