using Subband.Imaging;
using Subband.Tests.Imaging;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

[Collection(nameof(DirectVipsUse))]
public sealed class UpscaleBatchTests : IDisposable
{
    private readonly UpscalingBench _bench = new();

    public UpscaleBatchTests()
    {
        Directory.CreateDirectory(_bench["in/deep/er"]);
        foreach (string name in (string[])["in/a.png", "in/b.jpg", "in/deep/c.webp", "in/deep/er/d.tif"])
        {
            _bench.Write(name, UpscalingBench.Picture(20, 16, 3, UpscalingBench.Scene));
        }
    }

    private string In => _bench["in"];

    private string Out => _bench["out"];

    [Fact]
    public void A_folder_keeps_its_structure_and_formats()
    {
        Assert.Equal([UpscaleStatus.Done, UpscaleStatus.Done, UpscaleStatus.Done, UpscaleStatus.Done], Run());
        Assert.Equal(["a.png", "b.jpg", "deep/c.webp", "deep/er/d.tif"], Results());
        Assert.Equal((ImageFormat.WebP, 40), (ImageFile.Probe(_bench["out/deep/c.webp"]).Format, ImageFile.Probe(_bench["out/deep/c.webp"]).Width));
    }

    [Fact]
    public void What_is_finished_is_skipped_by_content_and_settings()
    {
        Run();
        Assert.All(Run(), status => Assert.Equal(UpscaleStatus.Skipped, status));

        // another original under the same name
        _bench.Write("in/a.png", UpscalingBench.Picture(20, 16, 3, (x, y, c) => 255 - UpscalingBench.Scene(x, y, c)));
        Assert.Equal([UpscaleStatus.Done, UpscaleStatus.Skipped, UpscaleStatus.Skipped, UpscaleStatus.Skipped], Run());

        // a result that was damaged
        File.WriteAllBytes(_bench["out/b.jpg"], File.ReadAllBytes(_bench["out/b.jpg"]).AsSpan(0, 200));
        Assert.Equal([UpscaleStatus.Skipped, UpscaleStatus.Done, UpscaleStatus.Skipped, UpscaleStatus.Skipped], Run());

        // other settings, another model
        Assert.All(Run(UpscalingBench.By(3)), status => Assert.Equal(UpscaleStatus.Done, status));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 3));
        Assert.All(Run(UpscalingBench.By(3), model), status => Assert.Equal(UpscaleStatus.Done, status));
        Assert.All(Run(UpscalingBench.By(3), model with { Fingerprint = "2" }), status => Assert.Equal(UpscaleStatus.Done, status));
    }

    [Fact]
    public void A_batch_that_was_killed_goes_on_after_what_it_had_written()
    {
        using CancellationTokenSource stop = new();
        UpscaleBatch batch = new(UpscalingBench.Bicubic, UpscalingBench.By(2)) { Finished = outcome => Cancel(outcome, "b.jpg", stop) };
        Assert.ThrowsAny<OperationCanceledException>(() => batch.Run(Jobs(), Out, stop.Token));

        // a kill in the midst of the line that remembers
        string ledger = Path.Combine(Out, UpscaleLedger.FileName);
        File.AppendAllText(ledger, "{\"Output\":\"deep/c.w");
        Assert.Equal([UpscaleStatus.Skipped, UpscaleStatus.Skipped, UpscaleStatus.Done, UpscaleStatus.Done], Run());
        Assert.All(Run(), status => Assert.Equal(UpscaleStatus.Skipped, status));
    }

    [Fact]
    public void One_bad_file_stops_none_of_the_others()
    {
        _bench.Write("in/aa.png", File.ReadAllBytes(_bench["in/a.png"]).AsSpan(0, 300));
        _bench.Write("in/ab.jpg", "just a note"u8);
        _bench.Write("in/ac.tif", []);
        List<UpscaleOutcome> outcomes = [];
        new UpscaleBatch(UpscalingBench.Bicubic, UpscalingBench.By(2)) { Finished = outcomes.Add }.Run(Jobs(), Out, TestContext.Current.CancellationToken);
        Assert.Equal(4, outcomes.Count(outcome => outcome.Status == UpscaleStatus.Done));
        UpscaleOutcome[] failed = [.. outcomes.Where(outcome => outcome.Status == UpscaleStatus.Failed)];
        Assert.Equal(["aa.png", "ab.jpg", "ac.tif"], failed.Select(outcome => Path.GetFileName(outcome.Job.Input)));
        Assert.All(failed, outcome => Assert.Contains(outcome.Job.Input, outcome.Error, StringComparison.Ordinal));
        Assert.Contains("truncated", failed[0].Error, StringComparison.Ordinal);
        Assert.Equal(["a.png", "b.jpg", "deep/c.webp", "deep/er/d.tif"], Results());
    }

    [Fact]
    public void Results_within_the_input_folder_are_never_read()
    {
        string inside = _bench["in/deep/large"];
        IReadOnlyList<UpscaleJob> first = UpscaleJobs.IntoFolder([In], inside, null, _ => { });
        new UpscaleBatch(UpscalingBench.Bicubic, UpscalingBench.By(2)).Run(first, inside, TestContext.Current.CancellationToken);
        Assert.Equal(first, UpscaleJobs.IntoFolder([In], inside, null, _ => { }));
        Assert.Equal(4, first.Count);
        Assert.ThrowsAny<UsageException>(() => UpscaleJobs.IntoFolder([In], In, null, _ => { }));
    }

    [Fact]
    public void A_result_never_falls_on_an_original_nor_on_another_result()
    {
        Assert.Contains("over the original", Assert.ThrowsAny<UsageException>(
            () => UpscaleJobs.IntoFile(_bench["in/a.png"], _bench["in/deep/../a.png"])).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_bench["other"]);
        File.Copy(_bench["in/a.png"], _bench["other/a.png"]);
        Assert.Contains("would both become", Assert.ThrowsAny<UsageException>(
            () => UpscaleJobs.IntoFolder([_bench["in/a.png"], _bench["other/a.png"]], Out, null, _ => { })).Message, StringComparison.Ordinal);

        // one name in two formats, written as one: the old extension tells them apart
        File.Copy(_bench["in/b.jpg"], _bench["other/a.jpg"]);
        IReadOnlyList<UpscaleJob> jobs = UpscaleJobs.IntoFolder([_bench["other"]], Out, PhotographFormat.Png, _ => { });
        Assert.Equal(["a.jpg.png", "a.png"], jobs.Select(job => Path.GetFileName(job.Output)));
    }

    [Fact]
    public void A_folder_without_photographs_says_what_was_looked_for()
    {
        Directory.CreateDirectory(_bench["texts"]);
        _bench.Write("texts/a.txt", "a"u8);
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => UpscaleJobs.IntoFolder([_bench["texts"]], Out, null, _ => { }));
        Assert.Contains(".webp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_tells_rate_and_time_left()
    {
        List<UpscaleProgress> told = [];
        new UpscaleBatch(UpscalingBench.Bicubic, UpscalingBench.By(2)) { Progress = told.Add }.Run(Jobs(), Out, TestContext.Current.CancellationToken);
        UpscaleProgress last = told[^1];
        Assert.Equal((4, 4, (double)last.TotalBytes), (last.Finished, last.Count, last.DoneBytes));
        Assert.True(last.MegapixelsPerSecond > 0);
        Assert.All(told.Zip(told.Skip(1)), pair => Assert.True(pair.Second.DoneBytes >= pair.First.DoneBytes));
        Assert.Contains(told, progress => progress.SecondsLeft > 0);
    }

    public void Dispose() => _bench.Dispose();

    private static void Cancel(UpscaleOutcome outcome, string after, CancellationTokenSource stop)
    {
        if (outcome.Job.Input.EndsWith(after, StringComparison.Ordinal))
        {
            stop.Cancel();
        }
    }

    private IReadOnlyList<UpscaleJob> Jobs() => UpscaleJobs.IntoFolder([In], Out, null, _ => { });

    private UpscaleStatus[] Run(UpscaleSettings? settings = null, UpscalingModel? model = null) =>
        [.. new UpscaleBatch(model ?? UpscalingBench.Bicubic, settings ?? UpscalingBench.By(2))
            .Run(Jobs(), Out, TestContext.Current.CancellationToken).Select(outcome => outcome.Status)];

    private string[] Results() => [.. Directory.GetFiles(Out, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Out, file)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];
}
