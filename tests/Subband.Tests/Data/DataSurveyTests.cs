using System.Text.Json;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class DataSurveyTests
{
    private static MemorySource Source() => new(10, i => i == 5
        ? throw new ImageFileException("item 5", "is broken.")
        : TestImages.Flat(i < 3 ? 4 : 8, i == 0 ? 9 : 6, 0, 0, 0))
    {
        Classes = ["cat", "dog"],
        Splits = ["train", "test"],
        LabelOf = i => i == 9 ? -1 : (int)(i % 2),
        SplitOf = i => i < 8 ? 0 : 1,
    };

    [Fact]
    public void Everything_is_counted()
    {
        List<DataProgress> progress = [];
        DataReport report = DataSurvey.Run(Source(), 1, progress.Add, TestContext.Current.CancellationToken);
        Assert.Equal((9, 9), (report.Count, report.Examined));
        Assert.Equal([new NamedCount("cat", 5), new NamedCount("dog", 3)], report.Classes);
        Assert.Equal(1, report.Unlabelled);
        Assert.Equal(["train", "test"], report.Splits.Select(split => split.Name));
        Assert.Equal([7, 2], report.Splits.Select(split => split.Count));
        Assert.Equal([new NamedCount("cat", 1), new NamedCount("dog", 0)], report.Splits[1].Classes);
        Assert.Equal([new NamedCount("memory", 9)], report.Formats);
        Assert.Equal((new ImageSize(4, 6), new ImageSize(8, 9)), (report.Smallest, report.Largest));
        Assert.Equal([new SizeCount(8, 6, 6), new SizeCount(4, 6, 2), new SizeCount(4, 9, 1)], report.Sizes);
        Assert.Equal(new DataProgress("Examining", 10, 10, false), progress[^1]);
    }

    [Fact]
    public void A_source_without_end_is_sampled()
    {
        using IImageSource source = ImageSources.Open("synthetic:leaves#size=16");
        DataReport report = DataSurvey.Run(source, 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(report.Count);
        Assert.Equal(64, report.Examined);
        Assert.Equal([new SizeCount(16, 16, 64)], report.Sizes);
    }

    [Fact]
    public void The_json_is_camel_case_and_complete()
    {
        using JsonDocument json = JsonDocument.Parse(DataSurvey.Run(Source(), 2, cancellationToken: TestContext.Current.CancellationToken).ToJson());
        JsonElement root = json.RootElement;
        Assert.Equal(
            [
                "source", "fingerprint", "count", "examined", "classes", "labelsFrom", "splits", "unlabelled", "formats", "smallest", "largest",
                "sizes", "refused",
            ],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal(6, root.GetProperty("sizes")[0].GetProperty("height").GetInt32());
        Assert.Equal("cat", root.GetProperty("splits")[0].GetProperty("classes")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void An_unreachable_image_is_the_error_itself()
    {
        MemorySource source = new(10, i => throw new SubbandException("the disk is gone"));
        Assert.Equal("the disk is gone", Assert.Throws<SubbandException>(
            () => DataSurvey.Run(source, 2, cancellationToken: TestContext.Current.CancellationToken)).Message);
    }
}
