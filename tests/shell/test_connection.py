"""Who we are and where the cluster is: pods, kubeconfigs, rotation (fault Q14)."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from katalog_runtime.connection import (
    RENEW_SECONDS,
    Access,
    Connection,
    ConnectionSetupError,
    connect,
    in_cluster,
    is_in_cluster,
    kubeconfig_paths,
)
from katalog_runtime.kubeconfig import plain

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}


@pytest.fixture(scope="module")
def certificate() -> tuple[str, str]:
    """A self-signed certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


@pytest.fixture
def account(tmp_path: Path, certificate: tuple[str, str]) -> Path:
    (tmp_path / "token").write_text("first\n")
    (tmp_path / "ca.crt").write_text(certificate[0])
    (tmp_path / "namespace").write_text("data-platform-system")
    return tmp_path


def kubeconfig(folder: Path, user: dict[str, Any], **cluster: Any) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "main",
        "contexts": [
            {"name": "main", "context": {"cluster": "c", "user": "u", "namespace": "team"}},
            {"name": "other", "context": {"cluster": "d", "user": "u"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://main.example:6443", **cluster}},
            {"name": "d", "cluster": {"server": "http://other.example:80/"}},
        ],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "config"
    path.write_text(json.dumps(document))
    return str(path)


async def test_a_pod_uses_its_own_account(account: Path):
    connection = await in_cluster(POD, account)
    assert connection.server == "https://10.0.0.1:6443"
    assert connection.namespace == "data-platform-system"
    assert connection.access.authorization == "Bearer first"


async def test_an_ipv6_address_of_a_cluster_gets_brackets(account: Path):
    connection = await in_cluster({"KUBERNETES_SERVICE_HOST": "fd00::1"}, account)
    assert connection.server == "https://[fd00::1]:443"


@pytest.mark.looptime
async def test_q14_a_rotated_token_is_read_again(account: Path):
    connection = await in_cluster(POD, account)
    await connection.renew()
    before = connection.access
    (account / "token").write_text("second")
    await connection.renew()
    assert connection.access is before  # not due yet
    await asyncio.sleep(RENEW_SECONDS)
    await connection.renew()
    assert connection.access.authorization == "Bearer second"
    assert connection.access.ssl is before.ssl  # the CA did not change: connections are kept


async def test_q14_a_rotated_ca_makes_a_new_context(account: Path, certificate: tuple[str, str]):
    connection = await in_cluster(POD, account)
    before = connection.access
    (account / "ca.crt").write_text(certificate[0] + "\n" + certificate[0])
    await connection.renew(refused=before)
    assert connection.access.ssl is not before.ssl


@pytest.mark.looptime
async def test_many_who_were_refused_renew_once():
    asked = 0

    async def source() -> Access:
        nonlocal asked
        asked += 1
        await asyncio.sleep(1)
        return Access(authorization=f"Bearer {asked}", ssl=True)

    old = Access(authorization="Bearer old", ssl=True)
    connection = Connection(server="https://x", access=old, source=source)
    await asyncio.gather(*(connection.renew(refused=old) for _ in range(20)))
    assert (asked, connection.access.authorization) == (1, "Bearer 1")


async def test_a_failing_source_leaves_the_old_access(account: Path):
    connection = await in_cluster(POD, account)
    before = connection.access
    (account / "token").unlink()
    with pytest.raises(ConnectionSetupError, match="the pod's account cannot be read"):
        await connection.renew(refused=before)
    assert connection.access is before


def test_a_pod_is_told_by_its_variables_and_its_token(account: Path, tmp_path: Path):
    assert is_in_cluster(POD, account)
    assert not is_in_cluster({}, account)
    assert not is_in_cluster(POD, tmp_path / "nothing")


def test_kubeconfigs_are_found_where_kubectl_finds_them():
    environment = {"HOME": "/people/me", "KUBECONFIG": "/a:/b"}
    assert kubeconfig_paths(environment, "/given") == [Path("/given")]
    assert kubeconfig_paths(environment) == [Path("/a"), Path("/b")]
    assert kubeconfig_paths({"HOME": "/people/me"}) == [Path("/people/me/.kube/config")]


async def test_a_kubeconfig_with_a_token(tmp_path: Path):
    connection = await connect({}, kubeconfig=kubeconfig(tmp_path, {"token": "secret"}))
    assert connection.server == "https://main.example:6443"
    assert connection.namespace == "team"
    assert connection.access.authorization == "Bearer secret"
    assert isinstance(connection.access.ssl, ssl.SSLContext)
    assert connection.access.ssl.verify_mode is ssl.CERT_REQUIRED


async def test_another_context_is_another_cluster(tmp_path: Path):
    path = kubeconfig(tmp_path, {"token": "secret"})
    connection = await connect({}, kubeconfig=path, context="other")
    assert (connection.server, connection.namespace) == ("http://other.example:80", "default")


async def test_a_client_certificate_and_a_ca_are_loaded(
    tmp_path: Path, certificate: tuple[str, str]
):
    (tmp_path / "tls.crt").write_text(certificate[0])
    (tmp_path / "tls.key").write_text(certificate[1])
    user = {"client-certificate": "tls.crt", "client-key": "tls.key"}
    path = kubeconfig(tmp_path, user, **{"certificate-authority": "tls.crt"})
    connection = await connect({}, kubeconfig=path)
    assert connection.access.authorization == ""
    assert isinstance(connection.access.ssl, ssl.SSLContext)
    assert len(connection.access.ssl.get_ca_certs()) == 1


async def test_a_client_certificate_inside_of_the_kubeconfig_leaves_no_file_behind(
    tmp_path: Path, certificate: tuple[str, str]
):
    public, private = (base64.b64encode(text.encode()).decode() for text in certificate)
    user = {"client-certificate-data": public, "client-key-data": private}
    path = kubeconfig(tmp_path, user, **{"certificate-authority-data": public})
    connection = await connect({}, kubeconfig=path)
    assert isinstance(connection.access.ssl, ssl.SSLContext)
    assert len(connection.access.ssl.get_ca_certs()) == 1
    assert not list(Path(tempfile.gettempdir()).glob("katalogc-*/0"))


async def test_a_certificate_that_is_none_is_one_line(tmp_path: Path):
    user = {"client-certificate": "missing.crt", "client-key": "missing.key"}
    with pytest.raises(ConnectionSetupError, match="the kubeconfig's certificates"):
        await connect({}, kubeconfig=kubeconfig(tmp_path, user))


async def test_a_kubeconfig_that_was_rewritten_is_read_again(tmp_path: Path):
    connection = await connect({}, kubeconfig=kubeconfig(tmp_path, {"token": "first"}))
    kubeconfig(tmp_path, {"token": "second"})
    await connection.renew(refused=connection.access)
    assert connection.access.authorization == "Bearer second"


PLAIN_USERS: list[dict[str, Any]] = [
    {},
    {"token": "secret"},
    {"client-certificate": "tls.crt", "client-key": "tls.key"},
    {"client-certificate-data": "Y2VydA==", "client-key-data": "a2V5", "token": "t"},
]
OTHER_USERS: list[dict[str, Any]] = [
    {"tokenFile": "/token"},
    {"exec": {"command": "login"}},
    {"auth-provider": {"name": "oidc"}},
    {"username": "me", "password": "secret"},
    {"token": "t", "as": "somebody"},
    {"client-certificate": "tls.crt"},
    {"client-certificate-data": "%%%", "client-key-data": "a2V5"},
    {"token": 7},
]


@pytest.mark.parametrize("user", PLAIN_USERS)
def test_a_token_or_a_certificate_needs_no_official_loader(tmp_path: Path, user: dict[str, Any]):
    found = plain(Path(kubeconfig(tmp_path, user)).read_text(), tmp_path)
    assert found is not None
    assert (found.server, found.namespace) == ("https://main.example:6443", "team")
    assert found.token == user.get("token", "")
    assert bool(found.certificate) is bool(found.key) is any("certificate" in key for key in user)


@pytest.mark.parametrize("user", OTHER_USERS)
def test_what_needs_a_program_or_is_malformed_is_left_to_the_official_loader(
    tmp_path: Path, user: dict[str, Any]
):
    assert plain(Path(kubeconfig(tmp_path, user)).read_text(), tmp_path) is None


def test_a_proxy_is_left_to_the_official_loader(tmp_path: Path):
    path = kubeconfig(tmp_path, {"token": "t"}, **{"proxy-url": "http://proxy:3128"})
    assert plain(Path(path).read_text(), tmp_path) is None


def test_relative_files_of_a_kubeconfig_are_beside_it(tmp_path: Path):
    path = kubeconfig(tmp_path, {}, **{"certificate-authority": "pki/ca.crt"})
    found = plain(Path(path).read_text(), tmp_path)
    assert found is not None
    assert found.authority.file == str(tmp_path / "pki" / "ca.crt")


async def test_verification_is_switched_off_only_when_told(tmp_path: Path):
    path = kubeconfig(tmp_path, {"token": "t"}, **{"insecure-skip-tls-verify": True})
    connection = await connect({}, kubeconfig=path)
    assert isinstance(connection.access.ssl, ssl.SSLContext)
    assert connection.access.ssl.verify_mode is ssl.CERT_NONE


async def test_a_token_file_is_read_again(tmp_path: Path):
    token = tmp_path / "token"
    token.write_text("first")
    path = kubeconfig(tmp_path, {"tokenFile": str(token)})
    connection = await connect({}, kubeconfig=path)
    assert connection.access.authorization == "Bearer first"
    token.write_text("second")
    await connection.renew(refused=connection.access)
    assert connection.access.authorization == "Bearer second"


def exec_user(script: str) -> dict[str, Any]:
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": ["-c", script],
            "interactiveMode": "Never",
        }
    }


async def test_an_exec_plugin_gives_a_token_and_its_expiry(tmp_path: Path):
    status = '{"token": "from-plugin", "expirationTimestamp": "2999-01-01T00:00:00Z"}'
    script = (
        'print(\'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", '
        f'"status": {status}}}\')'
    )
    connection = await connect({}, kubeconfig=kubeconfig(tmp_path, exec_user(script)))
    assert connection.access.authorization == "Bearer from-plugin"
    assert RENEW_SECONDS < connection.access.good_for_seconds < float("inf")


async def test_an_exec_plugin_that_fails_is_one_line(tmp_path: Path):
    path = kubeconfig(tmp_path, exec_user("import sys; sys.exit('no login')"))
    with pytest.raises(ConnectionSetupError, match="exec plugin") as caught:
        await connect({}, kubeconfig=path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "a: [", '{"current-context": "x"}'])
async def test_a_kubeconfig_that_is_none_is_one_line(tmp_path: Path, text: str):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConnectionSetupError, match="cannot be used"):
        await connect({}, kubeconfig=str(path))


async def test_a_missing_kubeconfig_says_what_to_do(tmp_path: Path):
    with pytest.raises(ConnectionSetupError, match="give one with --kubeconfig FILE"):
        await connect({"HOME": str(tmp_path)})
