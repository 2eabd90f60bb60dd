using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Subband.Tests.Data;

/// <summary>
/// A web server for one file that can misbehave: connections are answered by the given replies in turn, the last one
/// again and again.
/// </summary>
internal sealed class TestServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _content;
    private readonly Reply[] _replies;
    private readonly Thread _thread;
    private readonly List<string> _requests = [];
    private volatile bool _isOver;

    public TestServer(byte[] content, params Reply[] replies)
    {
        _content = content;
        _replies = replies;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/files/data.bin");
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How a connection is answered.</summary>
    /// <param name="CutAfter">Bytes of the body after which the connection breaks; null for none.</param>
    /// <param name="Status">The status to answer instead of the file; null for the file.</param>
    /// <param name="IgnoresRange">Whether the whole file is sent whatever is asked for.</param>
    /// <param name="IsReset">Whether the connection is reset at its end, as by a router, and not closed.</param>
    /// <param name="Page">A web page that is answered instead of the file, as by a network that wants a login; null for the file.</param>
    public sealed record Reply(
        int? CutAfter = null, int? Status = null, bool IgnoresRange = false, bool IsReset = false, string? Page = null);

    public Uri Address { get; }

    /// <summary>What each connection asked for: the Range header's value, or "all".</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose()
    {
        _isOver = true;
        _listener.Stop();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            for (int i = 0; ; i++)
            {
                using TcpClient client = _listener.AcceptTcpClient();
                Reply reply = _replies[Math.Min(i, _replies.Length - 1)];
                Answer(client.GetStream(), reply);
                if (reply.IsReset)
                {
                    client.Client.Close(timeout: 0);
                }
            }
        }
        catch (Exception e) when (_isOver || e is IOException)
        {
            // The test is over, or the client went away.
        }
    }

    private void Answer(NetworkStream stream, Reply reply)
    {
        long? from = ReadRange(stream);
        if (reply.Status is int status)
        {
            Send(stream, $"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        if (reply.Page is string page)
        {
            Send(stream, $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}");
            return;
        }

        if (from >= _content.Length && !reply.IgnoresRange)
        {
            Send(stream, $"HTTP/1.1 416 No\r\nContent-Range: bytes */{_content.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        int begin = reply.IgnoresRange ? 0 : (int)(from ?? 0);
        int length = _content.Length - begin;
        string head = begin > 0 || (from is not null && !reply.IgnoresRange)
            ? $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {begin}-{_content.Length - 1}/{_content.Length}\r\n"
            : "HTTP/1.1 200 OK\r\n";
        Send(stream, $"{head}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        stream.Write(_content, begin, Math.Min(length, reply.CutAfter ?? length));
        stream.Flush();
    }

    private long? ReadRange(NetworkStream stream)
    {
        StringBuilder text = new();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = stream.ReadByte();
            if (read < 0)
            {
                throw new IOException("The client went away.");
            }

            _ = text.Append((char)read);
        }

        string? range = text.ToString().Split("\r\n").FirstOrDefault(line => line.StartsWith("Range:", StringComparison.OrdinalIgnoreCase));
        lock (_requests)
        {
            _requests.Add(range is null ? "all" : range[6..].Trim());
        }

        return range is null ? null : long.Parse(range[(range.IndexOf('=', StringComparison.Ordinal) + 1)..].TrimEnd('-'), CultureInfo.InvariantCulture);
    }

    private static void Send(NetworkStream stream, string text) => stream.Write(Encoding.ASCII.GetBytes(text));
}
