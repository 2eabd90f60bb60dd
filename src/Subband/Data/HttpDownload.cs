using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;

namespace Subband.Data;

/// <summary>
/// Downloads a file whose checksum is known. What has arrived is kept beside the target as <c>.part</c> and continued, after
/// a broken connection as after a new start; the target's name appears only once all is there and checked.
/// </summary>
internal sealed class HttpDownload : IDisposable
{
    // Attempts in a row that bring nothing new.
    private const int MaxFailures = 5;

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) })
    {
        // For each attempt's answer; the transfer has a limit of its own, StallLimit.
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The pause before the second attempt; it doubles with each.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may bring nothing before it counts as broken.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Downloads, checks and puts the file in its place.</summary>
    /// <exception cref="DownloadException">It could not be got, or its content is wrong.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it; what has arrived is kept.</exception>
    public void Fetch(Uri address, string path, FileChecksum checksum, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        string part = path + ".part";
        try
        {
            FetchAsync(address, part, checksum, progress, cancellationToken).GetAwaiter().GetResult();
            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException($"{part} cannot be written: {e.Message}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task FetchAsync(
        Uri address, string part, FileChecksum checksum, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        bool wasContinued = File.Exists(part);
        await TransferAllAsync(address, part, progress, cancellationToken).ConfigureAwait(false);
        string found = checksum.Of(part, progress, cancellationToken);
        if (found != checksum.Hex && wasContinued)
        {
            // The first part may be from another version of the file, or from a disk that was full.
            File.Delete(part);
            await TransferAllAsync(address, part, progress, cancellationToken).ConfigureAwait(false);
            found = checksum.Of(part, progress, cancellationToken);
        }

        if (found != checksum.Hex)
        {
            long length = new FileInfo(part).Length;
            File.Delete(part);
            throw new DownloadException($"what {address} sent ({length} bytes) is not the file that it should be: "
                + $"its {checksum.Algorithm} sum is {found}, not {checksum.Hex}.");
        }
    }

    private async Task TransferAllAsync(Uri address, string part, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        // Nobody else may write to it at the same time.
        using FileStream file = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        int failures = 0;
        while (true)
        {
            long before = file.Length;
            try
            {
                await TransferAsync(address, file, progress, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (IsNetworkFailure(e, cancellationToken))
            {
                failures = file.Length > before ? 1 : failures + 1;
                if (failures == MaxFailures)
                {
                    throw new DownloadException($"{address} cannot be reached or breaks off ({Innermost(e).TrimEnd('.')}).", e);
                }
            }

            await Task.Delay(FirstPause * (1 << (failures - 1)), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One attempt: asks for what is missing and appends it.</summary>
    private async Task TransferAsync(Uri address, FileStream file, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (file.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        }

        using HttpResponseMessage response = await _client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // Either nothing is missing, or the file here is longer than the one there.
            if (range?.Length == file.Length)
            {
                return;
            }

            throw BeginAnew(file);
        }

        RequireFile(response, address);
        bool isRest = response.StatusCode == HttpStatusCode.PartialContent;
        if (isRest && range?.From != file.Length)
        {
            throw BeginAnew(file);
        }

        file.Position = file.Length;
        // A server may send all of it whatever is asked for. What is here stays, since such an answer may break off too.
        long here = isRest ? 0 : file.Length;
        long? total = file.Length - here + response.Content.Headers.ContentLength;
        using Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await CopyAsync(content, here, file, address, total, progress, cancellationToken).ConfigureAwait(false);
    }

    private static HttpRequestException BeginAnew(FileStream file)
    {
        file.SetLength(0);
        return new HttpRequestException("the server did not send the part that was asked for");
    }

    /// <summary>Appends an answer but for its first bytes, as many as are here already.</summary>
    private async Task CopyAsync(
        Stream content, long here, FileStream file, Uri address, long? total, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        string activity = $"Downloading {Path.GetFileName(address.LocalPath)}";
        byte[] buffer = new byte[1 << 16];
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            stall.CancelAfter(StallLimit);
            int read = await ReceiveAsync(content, buffer, stall.Token).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            int known = (int)Math.Min(read, here);
            here -= known;
            file.Write(buffer, known, read - known);
            progress?.Invoke(new DataProgress(activity, file.Position, total, InBytes: true));
        }

        file.Flush();
        if (here > 0)
        {
            throw new DownloadException($"{address} sent only {file.Length - here} bytes, but {file.Name} holds {file.Length} already; "
                + "delete that file to begin anew.");
        }
    }

    // An I/O error of the connection is not one of the disk.
    private static async Task<int> ReceiveAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }

    private static void RequireFile(HttpResponseMessage response, Uri address)
    {
        if ((int)response.StatusCode is >= 400 and < 500 and not 408 and not 429)
        {
            // Asking again will not help.
            throw new DownloadException($"{address} answers {(int)response.StatusCode} ({response.ReasonPhrase}).");
        }

        _ = response.EnsureSuccessStatusCode();
        if (MediaTypeNames.Text.Html.Equals(response.Content.Headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new DownloadException($"{address} answers with a web page instead of the file; the network may ask for a login.");
        }
    }

    // A time limit of the client or of the transfer shows as a cancellation that the user did not ask for.
    private static bool IsNetworkFailure(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string Innermost(Exception e) => e is OperationCanceledException ? "no answer in time" : e.GetBaseException().Message;
}

/// <summary>A file could not be downloaded; the message is the rest of a sentence and names the address.</summary>
internal sealed class DownloadException : Exception
{
    public DownloadException()
    {
    }

    public DownloadException(string message)
        : base(message)
    {
    }

    public DownloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
