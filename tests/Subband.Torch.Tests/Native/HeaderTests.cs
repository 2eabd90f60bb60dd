using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Subband.Torch.Native;

namespace Subband.Torch.Tests.Native;

/// <summary>The managed declarations against <c>native/subband.h</c>, which no compiler compares.</summary>
public sealed partial class HeaderTests
{
    private static readonly string Header =
        File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "native", "subband.h")).ReplaceLineEndings(" ");

    [Fact]
    public void Every_export_of_the_header_has_a_managed_declaration_with_as_many_parameters_and_back()
    {
        var header = ExportPattern().Matches(Header)
            .ToDictionary(m => m.Groups["name"].Value, m => Parameters(m.Groups["parameters"].Value));
        var managed = typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(m => m.Name.StartsWith("sb_", StringComparison.Ordinal))
            .ToDictionary(m => m.Name, m => m.GetParameters().Length);
        Assert.Equal(header.OrderBy(e => e.Key), managed.OrderBy(e => e.Key));
    }

    [Fact]
    public void Every_export_of_the_header_is_in_the_library_that_is_loaded()
    {
        TorchLibrary.Require();
        var path = TorchLibrary.TryLoad().Attempts[^1].Path;
        var library = NativeLibrary.Load(path);
        try
        {
            Assert.All(
                ExportPattern().Matches(Header).Select(m => m.Groups["name"].Value),
                name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), $"{path} does not export {name}."));
        }
        finally
        {
            NativeLibrary.Free(library);
        }
    }

    [Theory]
    [InlineData("ABI_VERSION", NativeMethods.AbiVersion)]
    [InlineData("MAX_DIMENSIONS", NativeTensorInfo.MaxDimensions)]
    public void Constants_agree(string name, int managed) =>
        Assert.Equal(managed, int.Parse(Regex.Match(Header, $@"#define SB_{name} (\d+)").Groups[1].Value, null));

    [Theory]
    [InlineData(typeof(NativeStatus), "OK BAD_ARGUMENT SHAPE OUT_OF_MEMORY IO INTERRUPTED INTERNAL")]
    [InlineData(typeof(ValueKind), "NONE DEFAULT TENSOR INT DOUBLE BOOL INT_LIST DOUBLE_LIST BOOL_LIST TENSOR_LIST STRING DEVICE GENERATOR")]
    public void Enumerations_agree(Type managed, string names)
    {
        var header = names.Split(' ').Select(n => int.Parse(Regex.Match(Header, $@"SB_{n} =\s+(\d+),").Groups[1].Value, null));
        Assert.Equal(header, Enum.GetValuesAsUnderlyingType(managed).Cast<int>());
    }

    [Fact]
    public unsafe void Structs_have_the_sizes_that_the_library_reports()
    {
        NativeLibraryInfo info;
        Assert.Equal(NativeStatus.Ok, NativeMethods.sb_initialise(&info));
        Assert.Equal(NativeMethods.AbiVersion, info.AbiVersion);
        Assert.Equal(sizeof(NativeValue), info.ValueSize);
        Assert.Equal(sizeof(NativeTensorInfo), info.TensorInfoSize);
        Assert.Equal(sizeof(NativeMemoryInfo), info.MemoryInfoSize);
    }

    private static int Parameters(string list) => list.Trim() is "void" or "" ? 0 : list.Count(c => c == ',') + 1;

    [GeneratedRegex(@"SB_EXPORT [^(;]*?(?<name>sb_\w+)\((?<parameters>[^)]*)\);")]
    private static partial Regex ExportPattern();
}
