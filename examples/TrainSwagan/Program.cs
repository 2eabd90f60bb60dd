// Trains a tiny SWAGAN on dead-leaves images, or goes on with it, and shows its samples beside their wavelet bands: TrainSwagan [FOLDER]
using Subband.Imaging;
using Subband.Models;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Training;

string folder = args.Length > 0 ? args[0] : "swagan";
TrainingRequest request = new()
{
    Preset = "swagan-32-small",
    Data = "synthetic:leaves#size=16",
    Out = folder,
    Resume = RunFolder.IsRun(folder),
    Kimg = 0.5,
    Settings = [("network.doublings", "2"), ("network.mostChannels", "16"), ("network.styleWidth", "16"), ("training.batchSize", "8"), ("training.reportKimg", "0.25")],
};
using (TrainingJob job = TrainingJob.Prepare(request))
{
    job.Run(what => Console.Write(what is TrainingReport r ? $"{r.Kimg:0.00} kimg, {r.ImagesPerSecond:0} images/s\n" : ""));
}

using StyleGan2Model model = StyleGan2Model.Load(ModelStore.Find(folder));
model.Sampling = new StyleSampling { Truncation = 0.7 };
using TensorScope scope = new();
Tensor images = (model.Generate(count: 8, seed: 1) + 1) / 2; // [8, 3, 16, 16] in [0, 1]
Tensor bands = BandPicture.Arrange(images, levels: 1, contrast: 4);
Rgb8Image[] pictures = TensorImages.ToImages(Tensor.Cat([images, bands]), PixelRange.Unit);
ImageFile.WritePng(Path.Combine(folder, "bands.png"), SampleGrid.Compose(pictures, columns: 8));
