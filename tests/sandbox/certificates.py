"""Keys and certificates: the sandbox's own authority, TLS servers, SNS signing certificates."""
import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.utcnow().replace(microsecond=0)


made = []  # keys that no one has taken yet


def prepare(count=6):
    """Makes keys beforehand: for a process that others are forked from, which each take the same ones."""
    made.extend(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(count))


def rsa_key(bits=2048):
    if made and bits == 2048:
        return made.pop()
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(thing):
    """PEM text of a certificate or a private key."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Authority:
    """A certificate authority that signs what the sandbox needs."""

    def __init__(self, common="Sandbox Root"):
        self.key = rsa_key()
        self.certificate = (
            self._build(
                _name(common), self.key.public_key(), _name(common), now() - DAY, now() + 30 * DAY
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.KeyUsage(False, False, False, False, False, True, True, False, False),
                critical=True,
            )
            .sign(self.key, hashes.SHA256())
        )

    @staticmethod
    def _build(subject, public_key, issuer, start, end):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        )

    def issue(self, names, key, start=None, end=None):
        """A server certificate for DNS names and IP addresses."""
        builder = self._build(
            _name(names[0]),
            key.public_key(),
            self.certificate.subject,
            start or now() - DAY,
            end or now() + 30 * DAY,
        )
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(n) for n in names]), critical=False
        )
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
            critical=False,
        )
        return builder.sign(self.key, hashes.SHA256())


def server_context(directory, label, authority, names):
    """A TLS server context with a fresh certificate for the names."""
    key = rsa_key()
    certificate = authority.issue(names, key)
    cert_path, key_path = directory / (label + ".pem"), directory / (label + ".key")
    cert_path.write_bytes(pem(certificate) + pem(authority.certificate))
    key_path.write_bytes(pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert_path, key_path)
    return context


# Expected names of SNS signing certificates, from the AWS SDK for Java v2 (SnsHostProvider).
OPT_IN = {
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "me-south-1",
    "me-central-1",
    "eu-south-1",
    "eu-south-2",
    "eu-central-2",
    "af-south-1",
    "il-central-1",
    "ca-west-1",
    "mx-central-1",
}


def dns_suffix(region):
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def signing_name(region):
    if region.startswith("cn-"):
        return "sns-%s.amazonaws.com.cn" % region
    if region.startswith("us-gov-"):
        return "sns-us-gov-west-1.amazonaws.com"
    if region in OPT_IN:
        return "sns-signing.%s.amazonaws.com" % region
    return "sns.amazonaws.com"


SIGNING_KINDS = (
    "valid",
    "expired",
    "not_yet_valid",
    "wrong_san",
    "two_certificates",
    "oversize",
    "ec_key",
    "not_pem",
    "empty",
)


def signing_certificate(kind, region, authority):
    """(private key, bytes of the file that the certificate host serves)."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec_key" else rsa_key()
    start, end = now() - 30 * DAY, now() + 300 * DAY
    if kind == "expired":
        start, end = now() - 400 * DAY, now() - 35 * DAY
    elif kind == "not_yet_valid":
        start, end = now() + 2 * DAY, now() + 400 * DAY
    name = "www.example.com" if kind == "wrong_san" else signing_name(region)
    body = pem(authority.issue([name], key, start, end))
    if kind == "two_certificates":
        body += pem(authority.certificate)
    elif kind == "oversize":
        body += b"# " + b"x" * (1 << 20) + b"\n"
    elif kind == "not_pem":
        body = b"<html>no certificate here</html>"
    elif kind == "empty":
        body = b""
    return key, body
