using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The server's side of TLS, from a folder with the names that qemu and nbdkit use: <c>server-cert.pem</c>,
/// <c>server-key.pem</c>, and <c>ca-cert.pem</c> where clients have to show a certificate of their own.
/// </summary>
internal sealed class NbdTls : IDisposable
{
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2? authority;

    private NbdTls(X509Certificate2 certificate, X509Certificate2? authority)
    {
        this.certificate = certificate;
        this.authority = authority;
    }

    /// <exception cref="TidemarkException">A file is missing, or isn't what it should be.</exception>
    public static NbdTls Load(string folder, bool verifyPeer)
    {
        var certificate = Path.Combine(folder, "server-cert.pem");
        var key = Path.Combine(folder, "server-key.pem");
        var authority = Path.Combine(folder, "ca-cert.pem");
        try
        {
            return new NbdTls(
                X509Certificate2.CreateFromPemFile(certificate, key),
                verifyPeer ? X509CertificateLoader.LoadCertificateFromFile(authority) : null);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.WrongUse(
                $"{folder} gives no certificate for TLS: {e.Message.TrimEnd('.')}. It needs server-cert.pem and server-key.pem, "
                + "and ca-cert.pem where clients are verified.");
        }
    }

    /// <exception cref="AuthenticationException">The two don't come to terms.</exception>
    public Stream Secure(Stream inner)
    {
        var secured = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            secured.AuthenticateAsServer(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = authority is not null,
                RemoteCertificateValidationCallback = (_, peer, _, _) => authority is null || IsKnown(peer),
            });
            return secured;
        }
        catch
        {
            secured.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        certificate.Dispose();
        authority?.Dispose();
    }

    private bool IsKnown(X509Certificate? peer)
    {
        if (peer is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(new X509Certificate2(peer));
    }
}
