using System.Text;
using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

public sealed class SafetensorsRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // not one JSON object
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData(" {}", 0, "does not begin with '{'")]
    [InlineData("{", 0, "is shorter than '{}'")]
    [InlineData("{\"a\"", 0, "not valid JSON")]
    [InlineData("{}x", 0, "not valid JSON")]
    [InlineData("{}{}", 0, "not valid JSON")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]}}", 1, "not valid JSON")]
    [InlineData("{\"\\ud800\":{}}", 0, "not valid Unicode")]
    // names and kinds
    [InlineData("{\"a\":1}", 0, "'a' should be an object")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{}}", 0, "'a' stands there twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"\\u0061\":{}}", 0, "'a' stands there twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "the key 'dtype' twice")]
    [InlineData("{\"a\":{\"colour\":1}}", 0, "'colour' twice, or it is unknown")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "lacks one of dtype, shape and its two data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "lacks one of")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1, "more than 2 numbers")]
    [InlineData("{\"__metadata__\":[]}", 0, "'__metadata__' should be an object of strings")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "'__metadata__.a' should be a string")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, "'__metadata__.a' stands there twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' stands there twice")]
    // element types
    [InlineData("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "element type F8_E4M3")]
    [InlineData("{\"a\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2, "element type U16")]
    [InlineData("{\"a\":{\"dtype\":\"u8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "element type u8")]
    [InlineData("{\"a\":{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "'a.dtype' should be a string")]
    // shapes
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "'a.shape' holds something")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "'a.shape' holds something")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[18446744073709551615],\"data_offsets\":[0,1]}}", 1, "'a.shape' holds something")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]}}", 1, "'a.shape' holds something")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":{},\"data_offsets\":[0,1]}}", 1, "'a.shape' should be a list")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "too large for any memory")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0, "too large for any memory")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807,9223372036854775807,0],\"data_offsets\":[0,0]}}", 0, "too large for any memory")]
    // offsets
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,3]}}", 4, "should take 4 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "data_offsets are 4 and 0")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}}", 1, "'a.data_offsets' holds something")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9223372036854775806,9223372036854775807]}}", 1, "beyond any file")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "before tensor 'a', belong to no tensor")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "tensor 'b' begins at byte 114, inside tensor 'a'")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 5, "the last 3 bytes")]
    [InlineData("{}", 1, "the last 1 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}", 2, "is cut off: the last tensor, 'a', should end at byte 70, and 7 bytes are missing")]
    public void A_hostile_or_damaged_header_is_refused_by_the_check_it_fails(
        string header, int dataLength, string problem)
    {
        string path = _folder.Write("x.safetensors", SafetensorsTests.Assemble(header, new byte[dataLength]));
        FileFormatException error = Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains(problem, error.Message);
        Assert.StartsWith(path, error.Message);
    }

    [Fact]
    public void Blanks_after_the_header_and_an_empty_file_of_no_tensors_are_sound()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            _folder.Write("x", SafetensorsTests.Assemble("{}      ", [])));
        Assert.Empty(file.Entries);
    }

    [Theory]
    [InlineData("{\"a\\u001b[2J\\u202e\":1}", "'a\uFFFD[2J\uFFFD' should be an object")]
    [InlineData("{\"a\":{\"dtype\":\"F\\n8\"}}", "element type F\uFFFD8, and only")]
    [InlineData("{\"a\":t\u001b[2J}", "not valid JSON: 't\uFFFD[2J")]
    public void What_a_file_says_of_itself_cannot_forge_a_message(string header, string problem)
    {
        string path = _folder.Write("x", SafetensorsTests.Assemble(header, []));
        Assert.Contains(problem, Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void A_list_of_names_shows_each_in_a_bounded_length()
    {
        SafetensorsWriter writer = new();
        writer.Add("\u001b[2J" + new string('x', 100_000), DType.UInt8, [1], new byte[1]);
        writer.Save(_folder["x"]);
        using SafetensorsFile file = SafetensorsFile.Open(_folder["x"]);
        using TensorArchive archive = TensorFile.Load(_folder["x"]);
        string[] messages =
        [
            Assert.Throws<SubbandException>(() => file["a"]).Message,
            Assert.Throws<SubbandException>(() => archive["a"]).Message,
        ];
        Assert.All(messages, message => Assert.InRange(message.Length, 160, 1000));
        Assert.All(messages, message => Assert.DoesNotContain('\u001b', message));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        byte[] json = [.. "{\"a"u8, 0xff, .. "\":{}}"u8];
        string path = _folder.Write("x", [.. BitConverter.GetBytes((long)json.Length), .. json]);
        Assert.Contains(
            "not valid Unicode", Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Theory]
    [InlineData(100_000_001L, "more than the 100000000 allowed")]
    [InlineData(-1L, "18446744073709551615, more than the 100000000 allowed")]
    [InlineData(50_000_000L, "is cut off: the header should have 50000000 bytes from byte 8, but the file ends after 2")]
    [InlineData(0L, "is shorter than '{}'")]
    public void A_header_length_that_lies_is_refused_before_anything_is_allocated(long length, string problem)
    {
        string path = _folder.Write("x", [.. BitConverter.GetBytes(length), .. "{}"u8]);
        Assert.Contains(problem, Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void A_shape_of_more_dimensions_than_tensors_have_is_refused()
    {
        string shape = string.Join(',', Enumerable.Repeat("1", 65));
        string header = $$$"""{"a":{"dtype":"U8","shape":[{{{shape}}}],"data_offsets":[0,1]}}""";
        string path = _folder.Write("x", SafetensorsTests.Assemble(header, [0]));
        Assert.Contains(
            "more than 64 numbers", Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>", "a web page")]
    [InlineData("\n <html lang=\"en\">not found</html>", "a web page")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "a Git LFS pointer")]
    [InlineData("PK\u0003\u0004and the rest of it", "a zip archive, such as PyTorch's")]
    [InlineData("Invalid username or password.", "a plain text")]
    [InlineData("{\"error\":\"not found\"}", "a JSON text")]
    [InlineData("GGUF\u0003\0\0\0\0\0\0\0", "a GGUF file")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0", "filled with zero bytes")]
    [InlineData("\u007fELF", null)]
    public void A_file_of_another_kind_is_recognised(string content, string? kind)
    {
        string path = _folder.Write("x.safetensors", Encoding.UTF8.GetBytes(content));
        FileFormatException error = Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains("is not a safetensors file", error.Message);
        if (kind is null)
        {
            Assert.DoesNotContain("It seems to be", error.Message);
        }
        else
        {
            Assert.Contains("It seems to be " + kind, error.Message);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 }, "a gzip archive")]
    [InlineData(new byte[] { 0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20 }, "a Python pickle")]
    public void A_packed_or_pickled_file_is_recognised(byte[] content, string kind)
    {
        string path = _folder.Write("x.safetensors", content);
        Assert.Contains(kind, Assert.Throws<FileFormatException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_told_apart_from_bad_content()
    {
        Assert.Equal(
            $"There is no file {_folder["none"]}.",
            Assert.Throws<SubbandException>(() => SafetensorsFile.Open(_folder["none"])).Message);
        Assert.Contains(
            "is a folder", Assert.Throws<SubbandException>(() => SafetensorsFile.Open(_folder.Path)).Message);
    }
}
