using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Subband.Upscaling;

namespace Subband.Cli.Common;

/// <summary>Which device computes.</summary>
internal enum DeviceChoice
{
    /// <summary>CUDA where there is a device, else the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA device; an error where there is none.</summary>
    Cuda,
}

/// <summary>Which numbers compute.</summary>
internal enum PrecisionChoice
{
    /// <summary>bf16 where the hardware is faster in it, else single precision.</summary>
    Auto,

    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>bf16 by autocast, over single-precision weights.</summary>
    Bf16,
}

/// <summary>Which numbers enlarge.</summary>
internal enum UpscalingPrecisionChoice
{
    /// <summary>The fastest that costs next to nothing.</summary>
    Auto,

    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>bf16 by autocast.</summary>
    Bf16,

    /// <summary>bf16 in larger tiles.</summary>
    Fast,
}

/// <summary>One <c>--set NAME=VALUE</c>.</summary>
/// <param name="Name">The dotted name, for instance <c>training.batchSize</c>.</param>
/// <param name="Value">The text behind the first equals sign.</param>
internal readonly record struct SettingOption(string Name, string Value);

/// <summary>
/// The options that mean the same in every verb that has them. Each call makes a new one, since verbs differ in whether
/// they demand it; a verb keeps it in a field and adds it in its constructor.
/// </summary>
internal static class CommonOptions
{
    /// <summary>The seed where none is given.</summary>
    public const long StandardSeed = 1;

    /// <summary><c>--verbose</c>, which every verb has.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where an error arose",
        Recursive = true,
    };

    /// <summary><c>--data SOURCE</c>.</summary>
    public static Option<string> Data(bool required = true) => new("--data")
    {
        Description = "Images: a folder, tar, zip, pack, CIFAR-10 or STL-10 files, or a name such as cifar10",
        HelpName = "SOURCE",
        Required = required,
    };

    /// <summary><c>--out PATH</c>.</summary>
    public static Option<string> Out(string description, string helpName = "PATH", bool required = true)
    {
        Option<string> option = Path("--out", description, helpName);
        option.Required = required;
        return option;
    }

    /// <summary>An option that names a file or folder, and so refuses the empty name that an unset variable leaves.</summary>
    public static Option<string> Path(string name, string description, string helpName)
    {
        Option<string> option = new(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && string.IsNullOrWhiteSpace(given))
            {
                result.AddError($"{name} is empty; give {helpName}, or check the variable that should hold it.");
            }
        });
        return option;
    }

    /// <summary><c>--model MODEL</c>.</summary>
    public static Option<string> Model(bool required = true) => new("--model")
    {
        Description = "A shipped model's name, a run, a checkpoint or a .safetensors file",
        HelpName = "MODEL",
        Required = required,
    };

    /// <summary><c>--device auto|cpu|cuda</c>.</summary>
    public static Option<DeviceChoice> Device() =>
        Choice<DeviceChoice>("--device", "Where to compute; auto is CUDA where there is a device");

    /// <summary><c>--precision auto|fp32|bf16</c>.</summary>
    public static Option<PrecisionChoice> Precision() =>
        Choice<PrecisionChoice>("--precision", "Numbers to compute with; auto is bf16 where the hardware is faster in it");

    /// <summary><c>--precision auto|fp32|bf16|fast</c> of what enlarges photographs, where every decibel counts.</summary>
    public static Option<UpscalingPrecisionChoice> UpscalingPrecision() =>
        Choice<UpscalingPrecisionChoice>("--precision", string.Create(
            CultureInfo.InvariantCulture,
            $"Numbers to enlarge with; fast is bf16 with fewer products and larger errors; auto is the fastest here of which the model says that it costs less than {UpscalingModels.NegligibleCost} dB"));

    /// <summary><c>--threads N</c>; null leaves it to ComputeChoice, which takes every core.</summary>
    public static Option<int?> Threads()
    {
        Option<int?> option = new("--threads")
        {
            Description = "Threads to compute with (default: one a core)",
            HelpName = "N",
            CustomParser = result => (int?)WholeNumber(result, "--threads", 1, 4096),
        };
        return option;
    }

    /// <summary><c>--seed S</c>; null, which stands for <see cref="StandardSeed"/>, if not given.</summary>
    public static Option<long?> Seed(string description = "Seed of every random choice: the same seed, the same result") =>
        new("--seed")
        {
            Description = $"{description} (default: {StandardSeed})",
            HelpName = "S",
            CustomParser = result => WholeNumber(result, "--seed", 0, long.MaxValue),
        };

    /// <summary><c>--set NAME=VALUE</c>, any number of times, in order.</summary>
    public static Option<SettingOption[]> Set() => new("--set")
    {
        Description = "Change a setting of the preset, such as training.batchSize=64; may be repeated",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
        CustomParser = result => [.. result.Tokens.Select(t => ParseSetting(result, t.Value))],
    };

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json")
    {
        Description = "Print the result as JSON",
    };

    /// <summary>An option whose values are the lower-case names of an enumeration, the first of which is the default.</summary>
    public static Option<T> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        Option<T> option = new(name)
        {
            Description = $"{description} (default: {names[0]})",
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                int index = Array.IndexOf(names, given);
                if (index < 0)
                {
                    result.AddError(
                        $"{name} takes {string.Join(", ", names[..^1])} or {names[^1]}, not '{given}'.");
                    return default;
                }

                return Enum.GetValues<T>()[index];
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>An option that takes a whole number within bounds; null if not given.</summary>
    public static Option<long?> WholeNumber(string name, string description, long minimum, long maximum = long.MaxValue) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => WholeNumber(result, name, minimum, maximum),
        };

    /// <summary>An option that takes a number greater than 0; null if not given.</summary>
    public static Option<double?> PositiveNumber(string name, string description) =>
        Number(name, description, number => double.IsFinite(number) && number > 0, "greater than 0");

    /// <summary>An option that takes a number within bounds; null if not given.</summary>
    public static Option<double?> Number(string name, string description, double minimum, double maximum) => Number(
        name, description, number => number >= minimum && number <= maximum, string.Create(CultureInfo.InvariantCulture, $"from {minimum} to {maximum}"));

    private static Option<double?> Number(string name, string description, Func<double, bool> isAllowed, string expected) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isAllowed(number))
            {
                return number;
            }

            result.AddError($"{name} takes a number {expected}, not '{given}'.");
            return null;
        },
    };

    private static long? WholeNumber(ArgumentResult result, string name, long minimum, long maximum)
    {
        string given = result.Tokens[0].Value;
        if (long.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number >= minimum && number <= maximum)
        {
            return number;
        }

        string range = maximum == long.MaxValue ? $"from {minimum} upwards" : $"from {minimum} to {maximum}";
        result.AddError($"{name} takes a whole number {range}, not '{given}'.");
        return null;
    }

    private static SettingOption ParseSetting(ArgumentResult result, string given)
    {
        int equals = given.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
        {
            return new SettingOption(given[..equals].Trim(), given[(equals + 1)..].Trim());
        }

        result.AddError($"--set takes NAME=VALUE, such as training.batchSize=64, not '{given}'.");
        return default;
    }
}
