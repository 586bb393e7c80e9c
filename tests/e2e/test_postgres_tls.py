"""A server that wants TLS: its certificate is checked; a password comes from a file, or a certificate stands for it."""

from __future__ import annotations

import ipaddress
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cli.conftest import Tokentui
from tests.postgres import IS_INSTALLED, NOT_INSTALLED, Cluster, running_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not IS_INSTALLED, reason=NOT_INSTALLED)]

PASSWORD = "geheim"
RULES = """
host    all postgres 127.0.0.1/32 trust
hostssl all alice    127.0.0.1/32 scram-sha-256
hostssl all bob      127.0.0.1/32 cert
"""


class Authority:
    """Signs certificates."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        self.file = self._write("ca.pem", self._signed(self._name, self._key, ca=True))

    def issue(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate for a user's name, and for 127.0.0.1, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._write(f"{name}.pem", self._signed(subject, key, ca=False)), self._write(f"{name}.key", encoded)

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        now = datetime.now(UTC)
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(address, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _write(self, name: str, content: bytes) -> Path:
        file = self._place / name
        file.write_bytes(content)
        file.chmod(0o600)
        return file


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Cluster]:
    """Lets Alice in with a password and Bob with a certificate, both over TLS alone."""
    with running_cluster() as cluster:
        cluster.run(f"CREATE ROLE alice LOGIN PASSWORD '{PASSWORD}'")
        cluster.run("CREATE ROLE bob LOGIN")
        cluster.run("GRANT ALL ON SCHEMA public TO alice, bob")
        data = cluster.place / "data"
        for source, name in zip(authority.issue("server"), ("server.crt", "server.key"), strict=True):
            shutil.copy(source, data / name)
        shutil.copy(authority.file, data / "root.crt")
        (data / "pg_hba.conf").write_text(RULES)
        if os.getuid() == 0:
            for name in ("server.crt", "server.key", "root.crt"):
                shutil.chown(data / name, "postgres")
        cluster.stop()
        cluster.start("ssl=on", "ssl_ca_file=root.crt")
        yield cluster


def test_tls(server: Cluster, authority: Authority, tmp_path: Path) -> None:
    """No password is an argument, nor shown where one is wrong."""
    tokentui = Tokentui(tmp_path / "home")
    checked = f"?sslmode=verify-full&sslrootcert={authority.file}"
    passwords = tmp_path / "passwords"
    passwords.write_text(f"127.0.0.1:{server.port}:*:alice:{PASSWORD}\n")
    passwords.chmod(0o600)
    alice = server.url(user="alice") + checked
    for more, environment in (("", {"PGPASSFILE": str(passwords)}), (f"&passfile={passwords}", {})):
        done = tokentui("--db", alice + more, "list", "--json", **environment)
        assert (done.status, done.out.strip()) == (0, "[]"), done.err
    certificate, key = authority.issue("bob")
    server.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO bob")
    done = tokentui("--db", f"{server.url(user='bob')}{checked}&sslcert={certificate}&sslkey={key}", "list", "--json")
    assert (done.status, done.out.strip()) == (0, "[]"), done.err

    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other").file
    refused = (
        alice,  # no password
        alice.replace("verify-full", "disable") + f"&passfile={passwords}",
        alice.replace(str(authority.file), str(other)) + f"&passfile={passwords}",
        server.url(user="bob") + checked,  # no certificate
    )
    for url in refused:
        done = tokentui("--db", url, "list")
        assert done.status == 3, done.out
        assert len(done.err.splitlines()) == 1
        assert PASSWORD not in done.err
