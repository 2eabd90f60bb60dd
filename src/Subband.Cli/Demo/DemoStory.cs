using System.Globalization;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Diagnostics;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Training;
using Subband.Upscaling;
using static Subband.Cli.Demo.HtmlText;

namespace Subband.Cli.Demo;

/// <summary>What the page tells, in order: the shipped model, the one that was just trained, and how to go on.</summary>
/// <param name="folder">The folder of the page.</param>
/// <param name="subject">What was trained on, in words.</param>
internal sealed class DemoStory(string folder, string subject)
{
    // Stands under the heading: of the shipped model a horse, whose bands one can read.
    private const int HeroSample = 7;
    private const int SheetsShown = 4;

    private readonly DemoPage _page = new();
    private readonly DemoPictures _pictures = new(folder);
    private LiveRun? _live;
    private bool _hasHero;

    /// <summary>Shows the model that came with Subband, or says that there is none.</summary>
    public void TellOfShipped(LoadedModel? shipped)
    {
        if (shipped?.Generator is not LapganModel model)
        {
            return;
        }

        SetHero(model, $"A sample of {shipped.Preset}, the model that comes with Subband, at every step. Its first image has {model.Sides[^1]} pixels a side.");
        _page.Add(
            "A model that comes with Subband",
            $"<code>{Encode(shipped.Preset)}</code> is a pyramid of {model.Levels} generators, trained on the ten classes of CIFAR-10 at "
                + $"{string.Join(", ", model.Sides.Reverse())} pixels. It needs no training here: these pictures took seconds.",
            Figure(_pictures.Classes(model)),
            Figure(_pictures.Chain("chain", model)),
            Figure(_pictures.Redraw("redraw", model)));
    }

    /// <summary>Shows what the networks that came with Subband make of a small picture.</summary>
    /// <param name="models">The networks; where there are none, nothing is told.</param>
    /// <param name="stop">Ends the work.</param>
    public void TellOfEnlargement(IReadOnlyList<UpscalingModel> models, CancellationToken stop)
    {
        if (models.Count > 0)
        {
            _page.Add(
                "The same idea on photographs: make them larger",
                "A coarse image and the band of detail that it lacks: that is super-resolution too. These networks come with Subband; for a photograph of "
                    + "yours type <code>./subband upscale PHOTOGRAPH --out larger.png</code>.",
                Figure(_pictures.Enlarged(models, stop)));
        }
    }

    /// <summary>Shows what was trained while somebody waited.</summary>
    public void TellOfLive(LiveRun live, IImageSource source)
    {
        _live = live;
        using LapganModel model = LapganModel.Load(live.Model, live.Config.Device);
        if (!_hasHero)
        {
            SetHero(model, $"A sample of the model that was trained on {subject} while you waited, at every step.");
        }

        BatchPlan plan = ModelRegistry.Family(live.Config.Family).Plan(live.Config.Settings, live.Config.Seed);
        string images = Texts.Number(live.Images);
        _page.Add(
            $"Trained while you waited: {subject}",
            Introduction(),
            Facts(
            [
                ("images shown", images),
                ("time", Texts.Duration(live.Seconds)),
                ("images a second", live.Rate.ToString("0", CultureInfo.InvariantCulture)),
                ("levels", string.Join(" → ", model.Sides.Reverse())),
            ]),
            "<div class=\"pair\">",
            Figure(_pictures.Truth(source, plan, "What it was shown", "A few of the training images, brought to the size of the model. Look at their edges, sizes and colours.")),
            Figure(_pictures.Samples(model, $"What it makes after {images} images", "Its samples from fresh noise. Look for flat regions with sharp borders in front of each other; "
                + "fine colours and round shapes take longer to learn than this demo has.")),
            "</div>",
            Timeline(live),
            Figure(_pictures.Chain("live-chain", model)),
            Figure(_pictures.Redraw("live-redraw", model)),
            Curves(live, model));
    }

    /// <summary>Adds how to go on, and writes the page.</summary>
    /// <param name="elapsed">How long all of it took.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public string Finish(TimeSpan elapsed)
    {
        LiveRun live = _live ?? throw new InvalidOperationException("The training has not been told of yet.");
        _page.Add(
            "Go on from here",
            "The run is an ordinary one: it resumes where it stopped, bit by bit, and everything that can be done with any model can be done with it.",
            Typed(
                $"./subband train --resume --out {live.Folder} --kimg 1000",
                $"./subband sample {live.Folder} --out samples.png",
                $"./subband sample {live.Folder} --out walk.png --interpolate",
                "./subband upscale FOLDER_WITH_YOUR_PICTURES --out larger/",
                "./subband demo --data FOLDER_WITH_YOUR_PICTURES",
                "./subband train lapgan-cifar10 --data cifar10 --out runs/mine"));
        ProcessorReport processor = ProcessorReport.Gather();
        _page.SetFooter(string.Create(
            CultureInfo.InvariantCulture,
            $"Made by Subband {ProductVersion.Text} with libtorch {Engine.TorchVersion} on {DateTime.Now:d MMMM yyyy} in {Texts.Duration(elapsed.TotalSeconds)}, "
            + $"on {processor.Model}, {Texts.Count(live.Config.Threads, "thread")}, {(live.Config.Precision == Precision.Bf16 ? "bf16" : "fp32")}. "
            + $"Nothing on this page comes from a network."));
        OutputFolder.Make(folder);
        _page.Write(folder);
        return DemoPage.PathIn(folder);
    }

    private string Introduction() => subject == "dead leaves"
        ? "Dead leaves are a simple model of natural images: discs of all sizes and natural colours fall on each other until the ground is covered. "
            + "Subband draws them itself, so that nothing had to be downloaded. Three small pairs of networks learnt from them at once, one pair a level."
        : "Your images, brought to 32 pixels a side. Three small pairs of networks learnt from them at once, one pair a level. "
            + "Few minutes and small networks teach colours and texture; things and faces take hours.";

    private string Timeline(LiveRun live)
    {
        if (live.Sheets.Count < SheetsShown)
        {
            return "";
        }

        // Most is learnt at the beginning, so the sheets lie closer there.
        double[] places = [0, 0.12, 0.4, 1];
        IEnumerable<string> figures = places.Select(place => live.Sheets[(int)Math.Round(place * (live.Sheets.Count - 1))]).Select(sheet =>
        {
            DemoPicture picture = _pictures.Existing(sheet.Path, sheet.Kimg == 0 ? "before the first step" : $"after {Texts.Number((long)(sheet.Kimg * 1000))} images");
            return $"<div><img src=\"{Encode(picture.File)}\" width=\"{picture.Width}\" height=\"{picture.Height}\" alt=\"{Encode(picture.Title)}\"><p>{Encode(picture.Title)}</p></div>";
        });
        return $"""
            <figure>
            <div class="timeline">{string.Concat(figures)}</div>
            <figcaption><h3>The same noise, as the networks learnt</h3><p>Always the same random numbers. The first sheet is noise;
            then come patches of colour, then borders between them. Look how a picture keeps its place from sheet to sheet.</p></figcaption>
            </figure>
            """;
    }

    private static string Curves(LiveRun live, LapganModel model) => $"""
        <figure>
        {TrainingCurves.Read(Path.Combine(live.Folder, "metrics.jsonl")).ToHtml(model.Sides)}
        <figcaption><h3>The game that they played</h3><p>Each level has a generator, which draws, and a discriminator, which tells true from
        drawn. From left to right: thousands of images. When the discriminator is right only half of the time, dashed, it can do no more than
        guess. Losses of such a game do not fall as in other training; look for curves that stay in balance.</p></figcaption>
        </figure>
        """;

    private void SetHero(LapganModel model, string text)
    {
        _page.SetHero(_pictures.Steps(model, HeroSample), text);
        _hasHero = true;
    }
}
