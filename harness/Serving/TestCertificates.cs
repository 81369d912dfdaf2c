using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tidemark.Harness.Serving;

/// <summary>Certificates for the loopback address, in files as qemu and nbdkit name them.</summary>
internal static class TestCertificates
{
    public static void Write(string pki, string authorityName, params string[] names)
    {
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest($"CN={authorityName}", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        using var root = authority.CreateSelfSigned(from, from.AddDays(10));
        File.WriteAllText(Path.Combine(pki, "ca-cert.pem"), root.ExportCertificatePem());
        byte serial = 1;
        foreach (var name in names)
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var alternatives = new SubjectAlternativeNameBuilder();
            alternatives.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(alternatives.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
            using var signed = request.Create(root, from, from.AddDays(9), [serial++]);
            File.WriteAllText(Path.Combine(pki, $"{name}-cert.pem"), signed.ExportCertificatePem());
            File.WriteAllText(Path.Combine(pki, $"{name}-key.pem"), key.ExportPkcs8PrivateKeyPem());
        }
    }
}
