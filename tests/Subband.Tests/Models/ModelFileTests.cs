using Subband.Data;
using Subband.Models;
using Subband.Tests.Data;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("subband.format", "soon", "has model format soon")]
    [InlineData("subband.format", "2\u001b[2J", "has model format 2\uFFFD[2J")]
    [InlineData("subband.classes", "[1, 2", "is damaged: its metadata subband.classes holds '[1, 2'")]
    [InlineData("subband.classes", "null", "is damaged: its metadata subband.classes holds 'null'")]
    [InlineData("subband.classes", "{\"a\": 1}", "is damaged: its metadata subband.classes")]
    [InlineData("subband.counters", "[]", "is damaged: its metadata subband.counters holds '[]'")]
    [InlineData("subband.bf16Cost", "NaN", "is damaged: its metadata subband.bf16Cost holds 'NaN'")]
    [InlineData("subband.fastCost", "little", "is damaged: its metadata subband.fastCost holds 'little'")]
    public void Metadata_that_cannot_be_is_named_with_its_file(string key, string value, string message)
    {
        string path = _folder["model.safetensors"];
        Dictionary<string, string> metadata = new() { ["subband.format"] = "1", ["subband.family"] = "lapgan" };
        metadata[key] = value;
        using (TensorScope scope = new())
        {
            TensorFile.Save(path, [("weight", Tensor.Scalar(1))], metadata);
        }

        SubbandException error = Assert.Throws<SubbandException>(() => ModelFile.Open(path));
        Assert.StartsWith($"{path} {message}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_of_images_is_named_for_what_it_is()
    {
        string path = _folder["photos.safetensors"];
        _ = ImagePack.Write(
            new MemorySource(3, i => TestImages.Noise(4, 4, i)), path, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            $"{path} is a pack of images, not a model; it can be given as --data.",
            Assert.Throws<SubbandException>(() => ModelFile.Open(path)).Message);
    }
}
