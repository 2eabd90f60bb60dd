using Subband.Data;

namespace Subband.Tests.Data;

public sealed class ImageLayoutTests
{
    [Fact]
    public void Subfolders_are_classes()
    {
        ImageLayout layout = ImageLayout.Of(["dog/1.png", "cat/1.png", "cat/deep/er/2.png", "loose.png"]);
        Assert.Equal(["cat", "dog"], layout.Classes);
        Assert.Empty(layout.Splits);
        Assert.Equal([(-1, 1), (-1, 0), (-1, 0), (-1, -1)], layout.Places.Select(place => place!.Value));
    }

    [Fact]
    public void Split_folders_lie_above_classes_and_below_wrappers()
    {
        ImageLayout layout = ImageLayout.Of(["set/v1/Training/cat/1.png", "set/v1/test/cat/1.png", "set/v1/valid/dog/1.png"]);
        Assert.Equal(["train", "val", "test"], layout.Splits);
        Assert.Equal(["cat", "dog"], layout.Classes);
        Assert.Equal([(0, 0), (2, 0), (1, 1)], layout.Places.Select(place => place!.Value));
    }

    [Fact]
    public void Images_outside_the_split_folders_belong_nowhere()
    {
        ImageLayout layout = ImageLayout.Of(["train/cat/1.png", "test/cat/1.png", "extra/cat/1.png", "logo.png"]);
        Assert.Equal([true, true, false, false], layout.Places.Select(place => place is not null));
        Assert.Equal(["cat"], layout.Classes);
    }

    [Fact]
    public void Flat_files_have_neither_class_nor_split()
    {
        ImageLayout layout = ImageLayout.Of(["photos/1.png", "photos/2.png"]);
        Assert.Empty(layout.Classes);
        Assert.Empty(layout.Splits);
    }

    [Fact]
    public void Flat_split_folders_have_no_classes_and_unlabeled_images_none_either()
    {
        Assert.Empty(ImageLayout.Of(["train/1.png", "test/1.png"]).Classes);
        ImageLayout layout = ImageLayout.Of(["train/cat/1.png", "unlabeled/00/1.png"]);
        Assert.Equal(["cat"], layout.Classes);
        Assert.Equal([(0, 0), (1, -1)], layout.Places.Select(place => place!.Value));
    }

    [Fact]
    public void One_split_alone_is_a_split_and_not_a_wrapper() =>
        Assert.Equal(["train"], ImageLayout.Of(["set/train/cat/1.png", "set/train/dog/1.png"]).Splits);
}
