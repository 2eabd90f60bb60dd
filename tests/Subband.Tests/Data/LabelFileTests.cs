using System.Text;
using Subband.Data;
using Subband.Torch;

namespace Subband.Tests.Data;

// The layout is that of dataset_tool.py in NVlabs/stylegan2-ada-pytorch: f'{idx_str[:5]}/img{idx_str}.png' with eight digits, and json.dump.
public sealed class LabelFileTests
{
    private const string Classes = """{"labels": [["00000/img00000000.png", 6], ["00000/img00000001.png", 9], ["00001/img00001000.png", 0]]}""";

    private static readonly string[] Images = ["00000/img00000000.png", "00000/img00000001.png", "00001/img00001000.png"];

    [Theory]
    [InlineData("folder", "")]
    [InlineData("zip", "")]
    [InlineData("tar", "")]
    [InlineData("folder", "cifar/v1/")]
    [InlineData("zip", "cifar/v1/")]
    [InlineData("tar", "cifar/v1/")]
    public void Numbers_are_classes_and_folders_say_nothing(string kind, string wrapper)
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(folder, kind, Classes, wrapper));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], source.Classes);
        Assert.Equal([6, 9, 0], Enumerable.Range(0, 3).Select(i => source.Label(i)));
        Assert.Equal(Images.Select(name => wrapper + name), Enumerable.Range(0, 3).Select(i => source.ItemName(i)));
        Assert.Empty(source.Splits);
        Assert.Empty(source.Refused);
        Assert.Equal($"{wrapper}dataset.json", source.LabelsFrom);
    }

    [Fact]
    public void A_single_folder_of_images_is_no_class_either()
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(folder, "zip", """{"labels": [["00000/img00000000.png", 1]]}""", "", Images[..1]));
        Assert.Equal(["0", "1"], source.Classes);
        Assert.Equal(1, source.Label(0));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("tar")]
    public void Null_labels_are_none(string kind)
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(folder, kind, """{"labels": null}"""));
        Assert.Empty(source.Classes);
        Assert.Equal([-1, -1, -1], Enumerable.Range(0, 3).Select(i => source.Label(i)));
        Assert.Equal("dataset.json", source.LabelsFrom);
        Assert.Empty(source.Refused);
    }

    [Fact]
    public void One_hot_vectors_are_classes_as_many_as_they_are_long()
    {
        const string Json = """
            {"labels": [["00000/img00000000.png", [0.0, 0.0, 1.0, 0.0]], ["00000\\img00000001.png", [1, 0, 0, 0]], ["00001/img00001000.png", [0, 1.0, 0, 0]]]}
            """;
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(folder, "folder", Json));
        Assert.Equal(["0", "1", "2", "3"], source.Classes);
        Assert.Equal([2, 0, 1], Enumerable.Range(0, 3).Select(i => source.Label(i)));
    }

    [Fact]
    public void Classes_are_chosen_by_their_numbers_and_kept_in_a_pack()
    {
        using TemporaryFolder folder = new();
        string path = Make(folder, "zip", Classes);
        using IImageSource chosen = ImageSources.Open(path + "#class=0+9");
        Assert.Equal(["0", "9"], chosen.Classes);
        Assert.Equal([1, 0], [chosen.Label(0), chosen.Label(1)]);
        Assert.Equal("dataset.json", chosen.LabelsFrom);

        using IImageSource whole = ImageSources.Open(path);
        _ = ImagePack.Write(whole, folder["x.safetensors"], 1, cancellationToken: TestContext.Current.CancellationToken);
        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        Assert.Equal(whole.Classes, pack.Classes);
        Assert.Equal([6, 9, 0], Enumerable.Range(0, 3).Select(i => pack.Label(i)));
    }

    [Fact]
    public void Another_label_is_another_fingerprint()
    {
        string Of(string json)
        {
            using TemporaryFolder folder = new();
            using IImageSource source = ImageSources.Open(Make(folder, "zip", json));
            return source.Fingerprint;
        }

        Assert.Equal(Of(Classes), Of(Classes));
        Assert.NotEqual(Of(Classes), Of(Classes.Replace("9", "8", StringComparison.Ordinal)));
    }

    [Fact]
    public void Split_folders_remain_splits()
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(
            folder, "zip", """{"labels": [["train/a/1.png", 1], ["test/a/1.png", 0]]}""", "", ["train/a/1.png", "test/a/1.png"]));
        Assert.Equal(["train", "test"], source.Splits);
        Assert.Equal(["0", "1"], source.Classes);
        Assert.Equal([1, 0], [source.Label(0), source.Label(1)]);
    }

    [Fact]
    public void What_is_named_and_missing_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string json = Classes.Replace("]]}", """], ["00001/img00001001.png", 3]]}""", StringComparison.Ordinal);
        using IImageSource source = ImageSources.Open(Make(folder, "tar", json));
        Assert.Equal(3, source.Count);
        Assert.Equal([new RefusedItem("00001/img00001001.png", "is named in dataset.json, but there is no such file.")], source.Refused);
    }

    [Fact]
    public void A_file_below_the_root_is_said_not_to_be_read()
    {
        using TemporaryFolder folder = new();
        string path = Make(folder, "folder", Classes, "a/");
        _ = folder.Write("data/other.png", TestImages.Png(1, 1, 0, 0, 0));
        using IImageSource source = ImageSources.Open(path);
        Assert.Null(source.LabelsFrom);
        RefusedItem refused = Assert.Single(source.Refused);
        Assert.Equal("a/dataset.json", refused.Name);
        Assert.Contains("give the folder it lies in", refused.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is not sound JSON")]
    [InlineData("""{"labels": [["00000/img""", "is not sound JSON")]
    [InlineData("""{"images": []}""", """it has no "labels"; found {"images": []}""")]
    [InlineData("[1, 2]", """it has no "labels"; found [1, 2]""")]
    [InlineData("""{"labels": {"a": 1}}""", """or null, as its "labels"; found {"a": 1}""")]
    [InlineData("""{"labels": []}""", """or null, as its "labels"; found []""")]
    [InlineData("""{"labels": [["00000/img00000000.png", 6], ["00000/img00000001.png"]]}""", """the entry 1 is otherwise; found ["00000/img00000001.png"]""")]
    [InlineData("""{"labels": [["00000/img00000000.png", 6]]}""", "not to 00000/img00000001.png and 1 others of 3 images")]
    [InlineData("""{"labels": [["00000/img00000000.png", 6], ["00000/img00000001.png", 1]]}""", "not to 00001/img00001000.png of 3 images")]
    [InlineData("""{"labels": [["00000/img00000000.png", 0.5]]}""", "00000/img00000000.png with the number of a class, from 0 to 99999, or a one-hot vector; found 0.5")]
    [InlineData("""{"labels": [["00000/img00000000.png", -1]]}""", "found -1")]
    [InlineData("""{"labels": [["00000/img00000000.png", "cat"]]}""", "found \"cat\"")]
    [InlineData("""{"labels": [["00000/img00000000.png", null]]}""", "found null")]
    [InlineData("""{"labels": [["00000/img00000000.png", 1700000000]]}""", "found 1700000000")]
    [InlineData("""{"labels": [["00000/img00000000.png", [0.25, -1.5]]]}""", "00000/img00000000.png with a vector that is not one-hot (one 1 among zeros); found [0.25, -1.5]")]
    [InlineData("""{"labels": [["00000/img00000000.png", [1, 1]]]}""", "found [1, 1]")]
    [InlineData("""{"labels": [["00000/img00000000.png", []]]}""", "found []")]
    [InlineData("""{"labels": [["00000/img00000000.png", 1], ["00000/img00000001.png", [0, 1]]]}""", "that of 00000/img00000001.png is unlike the first; found [0, 1]")]
    [InlineData("""{"labels": [["00000/img00000000.png", [1, 0]], ["00000/img00000001.png", [0, 1, 0]]]}""", "found [0, 1, 0]")]
    [InlineData("""{"labels": [["00000/img00000000.png", 1], ["00000/img00000000.png", 2]]}""", "names 00000/img00000000.png twice, of class 1 and of class 2")]
    [InlineData("""{"labels": [["../secret.png", 1]]}""", "names an image outside its folder: ../secret.png")]
    public void What_cannot_be_read_as_classes_is_an_error_that_says_what_was_found(string json, string expected)
    {
        using TemporaryFolder folder = new();
        string path = Make(folder, "zip", json);
        string message = Assert.Throws<SubbandException>(() => ImageSources.Open(path)).Message;
        Assert.StartsWith($"{path}: dataset.json ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private static string Make(TemporaryFolder folder, string kind, string json, string wrapper = "", string[]? images = null)
    {
        (string Name, byte[] Content)[] files =
        [
            (wrapper + "dataset.json", Encoding.UTF8.GetBytes(json)),
            .. (images ?? Images).Select((name, i) => (wrapper + name, TestImages.Png(4, 4, (byte)i, 0, 0))),
        ];
        return FileStoreTests.Make(folder, kind, files);
    }
}
