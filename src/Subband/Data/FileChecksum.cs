using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Subband.Data;

/// <summary>What the content of a published file sums up to.</summary>
/// <param name="Algorithm">The name of the sum, <c>MD5</c> or <c>SHA256</c>.</param>
/// <param name="Hex">The sum in lower-case hexadecimal digits.</param>
internal sealed record FileChecksum(string Algorithm, string Hex)
{
    public static FileChecksum Md5(string hex) => new("MD5", hex);

    public static FileChecksum Sha256(string hex) => new("SHA256", hex);

    /// <summary>The sum of a file, for comparison with <see cref="Hex"/>.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public string Of(string path, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = CreateHash();
        using FileStream file = File.OpenRead(path);
        byte[] buffer = new byte[1 << 20];
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            progress?.Invoke(new DataProgress($"Checking {Path.GetFileName(path)}", file.Position, file.Length, InBytes: true));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [SuppressMessage("Security", "CA5351", Justification = "Finds broken downloads; it is all that some publishers give.")]
    private IncrementalHash CreateHash() =>
        IncrementalHash.CreateHash(Algorithm == "MD5" ? HashAlgorithmName.MD5 : HashAlgorithmName.SHA256);
}
