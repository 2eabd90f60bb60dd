using NetVips;
using Subband.Imaging;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

/// <summary>Photographs in a folder of their own, and what is made of them.</summary>
internal sealed class UpscalingBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public UpscalingBench() => Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);

    public string this[string name] => _folder[name];

    public static UpscalingModel Bicubic => new("bicubic", null, "", Interpolation.Named("bicubic")!, Device.Cpu);

    public static UpscalingModel Model(IUpscaler upscaler, UpscalingPrecision precision = UpscalingPrecision.Fp32) =>
        new("fake", null, "1", upscaler, Device.Cpu, precision);

    public static UpscaleSettings By(double scale) => new() { Size = new UpscaleSize { Scale = scale } };

    /// <summary>Writes a file with libvips, by the extension of its name.</summary>
    public string Write(string name, Image image)
    {
        using (image)
        {
            image.WriteToFile(this[name]);
        }

        return this[name];
    }

    /// <summary>Writes raw bytes.</summary>
    public string Write(string name, ReadOnlySpan<byte> bytes) => _folder.Write(name, bytes);

    /// <summary>A picture of given samples.</summary>
    public static Image Picture(int width, int height, int bands, Func<int, int, int, int> sample, bool is16 = false)
    {
        ushort[] samples = new ushort[width * height * bands];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (ushort)sample(i / bands % width, i / bands / width, i % bands);
        }

        using Image words = Image.NewFromMemory(samples, width, height, bands, Enums.BandFormat.Ushort);
        using Image typed = is16 ? words.Copy() : words.Cast(Enums.BandFormat.Uchar);
        return typed.Copy(interpretation: (bands <= 2, is16) switch
        {
            (true, true) => Enums.Interpretation.Grey16,
            (true, false) => Enums.Interpretation.Bw,
            (false, true) => Enums.Interpretation.Rgb16,
            _ => Enums.Interpretation.Srgb,
        });
    }

    /// <summary>Something with edges and detail.</summary>
    public static int Scene(int x, int y, int c) =>
        (int)Math.Clamp(128 + (60 * Math.Sin((x * 0.7) + c)) + (50 * Math.Cos((y * 0.45) - c)) + (((x / 9) + (y / 7)) % 2 * 40) - 20, 0, 255);

    public UpscaledFile Run(UpscalingModel model, UpscaleSettings settings, string input, string output)
    {
        PhotographUpscaler upscaler = new(model, settings);
        return upscaler.Run(upscaler.Open(this[input]), this[output], PhotographFormats.OfName(output)!.Value, null, TestContext.Current.CancellationToken);
    }

    public Image Read(string name) => Image.NewFromFile(this[name], memory: true);

    /// <summary>All samples, row by row, as numbers.</summary>
    public double[] Samples(string name)
    {
        using Image image = Read(name);
        using Image doubles = image.Cast(Enums.BandFormat.Double);
        return doubles.WriteToMemory<double>();
    }

    public double Difference(string one, string other) => Samples(one).Zip(Samples(other), (a, b) => Math.Abs(a - b)).Max();

    public void Dispose() => _folder.Dispose();
}
