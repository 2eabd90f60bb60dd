// Makes a photograph larger: UpscalePhotograph PHOTOGRAPH RESULT [MODEL] [SCALE]
using System.Globalization;
using Subband.Upscaling;

using UpscalingModel model = UpscalingModels.Open(args.ElementAtOrDefault(2) ?? UpscalingModels.Standard);
double scale = double.Parse(args.ElementAtOrDefault(3) ?? "2", CultureInfo.InvariantCulture);
PhotographUpscaler upscaler = new(model, new UpscaleSettings { Size = new UpscaleSize { Scale = scale } });
UpscaledFile result = upscaler.Run(args[0], args[1]);
Console.WriteLine($"{args[1]}: {result.Width}x{result.Height}");
