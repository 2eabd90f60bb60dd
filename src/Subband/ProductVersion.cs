using System.Reflection;

namespace Subband;

/// <summary>The version of Subband that is running.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>; what runs and checkpoints say wrote them.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
