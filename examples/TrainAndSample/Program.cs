// Trains a small LAPGAN on dead-leaves images, or goes on with it, and writes a sheet of samples: TrainAndSample [FOLDER]
using Subband.Imaging;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

string folder = args.Length > 0 ? args[0] : "leaves";
TrainingRequest request = new()
{
    Preset = "lapgan-cifar10-paper",
    Data = "synthetic:leaves#size=16",
    Out = folder,
    Resume = RunFolder.IsRun(folder),
    Kimg = 3,
    Settings = [("pyramid.sizes", "16,8"), ("band.generatorWidths", "16"), ("training.reportKimg", "1")],
};
using (TrainingJob job = TrainingJob.Prepare(request))
{
    job.Run(what => Console.Write(what is TrainingReport r ? $"{r.Kimg:0.0} kimg, {r.ImagesPerSecond:0} images/s\n" : ""));
}

using ModelFile file = ModelStore.Open(folder);
using IImageGenerator model = file.Family.LoadGenerator(file, Device.Cpu);
using TensorScope scope = new();
Tensor images = model.Generate(count: 64, seed: 1); // [64, 3, 16, 16] in [-1, 1]
ImageFile.WritePng(Path.Combine(folder, "samples.png"), SampleGrid.Compose(TensorImages.ToImages(images, PixelRange.Signed)));
