namespace Subband.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("trian", "train")]
    [InlineData("Train", "train")]
    [InlineData("tests", "test")]
    [InlineData("valid", "val")]
    [InlineData("batchSize", "training.batchSize")]
    [InlineData("zebra", null)]
    [InlineData("", null)]
    public void A_mistyped_name_finds_the_one_that_was_meant(string given, string? expected) =>
        Assert.Equal(expected, NearestName.Among(given, ["train", "test", "val", "training.batchSize"]));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("ca", "ac", 1)]
    [InlineData("same", "same", 0)]
    public void Distances_are_the_textbooks(string a, string b, int expected) =>
        Assert.Equal(expected, NearestName.Distance(a, b));

    [Fact]
    public void The_message_names_the_nearest_and_lists_all() =>
        Assert.Equal(
            "There is no split 'trian'. Did you mean 'train'? There are: train, test.",
            UsageException.UnknownName("split", "trian", ["train", "test"]).Message);
}
