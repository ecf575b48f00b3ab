"""Who may reach a server, and how much a client may ask of it, with real clients; keys and certificates are made here (docs/security.md)."""
import base64
import datetime
import ipaddress
import json
import socket
import ssl
import time

import grpc
import jwt
import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, Server

DAY = datetime.timedelta(days=1)
ISSUER, AUDIENCE = "https://issuer.example.org", "https://etalon.example.org"


class Authority:
    """Signs certificates."""

    def __init__(self, folder, name):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = folder / f"{name}.pem"
        self.certificate.write_bytes(self._certificate(self.name, self.key, x509.BasicConstraints(True, None)))

    def _certificate(self, subject, key, constraints):
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - DAY).not_valid_after(now + DAY).add_extension(constraints, critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False))
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(self, name):
        """Files of a certificate and its key."""
        key, certificate, private = ec.generate_private_key(ec.SECP256R1()), self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(self._certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, x509.BasicConstraints(False, None)))
        private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, private


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with mutual TLS and tokens on both protocols: (server, folder, client's files, stranger's files, signing key)."""
    folder = tmp_path_factory.mktemp("safety")
    ours, others = Authority(folder, "ours"), Authority(folder, "others")
    certificate, key = ours.issue("server")
    signing = ec.generate_private_key(ec.SECP256R1())
    numbers = signing.public_key().public_numbers()
    coordinate = {name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode() for name, value in (("x", numbers.x), ("y", numbers.y))}
    (folder / "keys.json").write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig", **coordinate}]}))
    access = folder / "access.json"
    access.write_text(json.dumps({"audiences": [AUDIENCE], "issuers": [{"issuer": ISSUER, "keys": "keys.json"}]}))
    options = [part for protocol in ("http", "grpc") for part in (f"--{protocol}-server-cert", str(certificate), f"--{protocol}-server-key", str(key),
                                                                 f"--{protocol}-root-cert", str(ours.certificate))]
    server = Server(EXAMPLES / "models", *options, "--access-config", str(access), "--model-control-mode", "explicit", "--load-model", "mlp", "--load-model", "bbh")
    yield server, ours, ours.issue("client"), others.issue("stranger"), signing
    server.stop()


def token(signing, scope, **claims):
    now = int(time.time())
    made = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 600, "iat": now, "sub": "somebody", "scope": scope, **claims}
    return jwt.encode({name: value for name, value in made.items() if value is not None}, signing, "ES256", {"kid": "k"})


class Clients:
    """Asks over either protocol and tells the code as HTTP has it."""

    CODES = {"StatusCode.UNAUTHENTICATED": 401, "StatusCode.PERMISSION_DENIED": 403, "401": 401, "403": 403}

    def __init__(self, protocol, server, authority, files):
        certificate, key = (str(file) for file in files)
        roots = str(authority.certificate)
        if protocol == "grpc":
            self.module = grpcclient
            self.client = grpcclient.InferenceServerClient(server.grpc, ssl=True, root_certificates=roots, private_key=key, certificate_chain=certificate)
        else:
            self.module = httpclient
            self.client = httpclient.InferenceServerClient(server.http, ssl=True, ssl_options={"keyfile": key, "certfile": certificate, "ca_certs": roots})

    def ask(self, method, *arguments, token=None):
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        try:
            getattr(self.client, method)(*arguments, headers=headers)
        except InferenceServerException as error:
            return self.CODES.get(str(error.status()), str(error))
        return 200

    def infer(self, model, **options):
        tensor = self.module.InferInput("x", [1, 64], "FP32")
        tensor.set_data_from_numpy(np.zeros((1, 64), np.float32))
        return self.ask("infer", model, [tensor], **options)


@pytest.fixture(params=["grpc", "http"])
def clients(request, guarded):
    server, authority, files, _, signing = guarded
    made = Clients(request.param, server, authority, files)
    yield made, signing
    made.client.close()


def test_rights_are_those_of_the_tokens_scopes(clients):
    asker, signing = clients
    assert asker.ask("is_server_live") == 200 and asker.ask("is_model_ready", "mlp") == 200
    assert asker.infer("mlp") == asker.ask("get_model_metadata", "mlp") == asker.ask("unload_model", "bbh") == 401
    read, infer, control = (token(signing, f"etalon.{right}") for right in ("read", "infer", "control"))
    assert asker.ask("get_model_metadata", "mlp", token=read) == asker.ask("get_inference_statistics", token=read) == asker.ask("get_log_settings", token=read) == 200
    assert asker.infer("mlp", token=read) == asker.ask("load_model", "mlp", token=read) == 403
    assert asker.infer("mlp", token=infer) == asker.ask("get_server_metadata", token=infer) == 200
    assert asker.ask("load_model", "mlp", token=infer) == asker.ask("update_log_settings", {"log_verbose_level": 1}, token=infer) == 403
    assert asker.ask("load_model", "mlp", token=control) == asker.infer("mlp", token=control) == 200


def test_a_scope_with_a_path_is_for_that_model_alone(clients):
    asker, signing = clients
    mine = token(signing, "openid etalon.infer:/mlp")
    assert asker.infer("mlp", token=mine) == 200 and asker.infer("bbh", token=mine) == 403
    assert asker.ask("get_model_config", "bbh", token=mine) == 403


@pytest.mark.parametrize("claims", [{"iss": "https://other.example.org"}, {"aud": "https://other.example.org"}, {"aud": None}, {"exp": 1_000_000_000}, {"exp": None},
                                    {"nbf": 10_000_000_000}], ids=str)
def test_tokens_for_others_or_other_times_are_refused(clients, claims):
    asker, signing = clients
    assert asker.infer("mlp", token=token(signing, "etalon.control", **claims)) == 401


def test_tokens_that_nobody_signed_are_refused(clients):
    asker, signing = clients
    whole = token(signing, "etalon.control")
    head, body, signature = whole.split(".")
    claims = jwt.decode(whole, options={"verify_signature": False})
    forged = [token(ec.generate_private_key(ec.SECP256R1()), "etalon.control"), jwt.encode(claims, None, "none"), jwt.encode(claims, "k" * 32, "HS256", {"kid": "k"}),
              f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", "x", "a.b.c", "x" * 4000]
    assert [asker.infer("mlp", token=bad) for bad in forged] == [401] * len(forged)
    assert asker.infer("mlp", token=whole) == 200


def test_streams_ask_for_the_right_to_each_model(guarded):
    server, authority, files, _, signing = guarded
    asker = Clients("grpc", server, authority, files)
    answers = []
    asker.client.start_stream(lambda result, error: answers.append((result, error)), headers={"authorization": "Bearer " + token(signing, "etalon.infer:/mlp")})
    for model in ("mlp", "bbh", "mlp"):
        tensor = grpcclient.InferInput("x", [1, 64], "FP32")
        tensor.set_data_from_numpy(np.zeros((1, 64), np.float32))
        asker.client.async_stream_infer(model, [tensor])
    asker.client.stop_stream()
    assert [error is None for _, error in answers] == [True, False, True] and "bbh" in str(answers[1][1])
    asker.client.close()


def test_clients_without_a_known_certificate_are_not_served(guarded):
    server, authority, _, stranger, _ = guarded
    for files in (None, stranger):
        context = ssl.create_default_context(cafile=str(authority.certificate))
        if files:
            context.load_cert_chain(*map(str, files))
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                secured.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                if not secured.recv(100):
                    raise OSError("closed")
        key, chain = (files[1].read_bytes(), files[0].read_bytes()) if files else (None, None)
        with grpc.secure_channel(server.grpc, grpc.ssl_channel_credentials(authority.certificate.read_bytes(), key, chain)) as channel:
            with pytest.raises(grpc.RpcError) as caught:
                channel.unary_unary("/inference.GRPCInferenceService/ServerLive")(b"", timeout=20)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_what_is_not_encrypted_is_not_served(guarded):
    server = guarded[0]
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as plain:
        plain.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"HTTP/1.1 200" not in plain.recv(1000)
        except ConnectionResetError:
            pass


# Limits -------------------------------------------------------------------------------------------


def test_bounds_on_connections_and_messages_hold(serve):
    server = serve(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "mlp", "--http-max-connections", "3", "--grpc-max-message-bytes", "1000000")
    held = [socket.create_connection(("127.0.0.1", server.http_port)) for _ in range(3)]
    for connection in held:
        connection.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in connection.recv(1000)
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as one_more:
        assert b" 503 " in one_more.recv(1000)
    for connection in held:
        connection.close()
    with grpcclient.InferenceServerClient(server.grpc) as client:
        tensor = grpcclient.InferInput("x", [8192, 64], "FP32")
        tensor.set_data_from_numpy(np.zeros((8192, 64), np.float32))
        with pytest.raises(InferenceServerException, match="1000000"):
            client.infer("mlp", [tensor])
        assert client.is_server_live()


def test_a_body_announced_above_the_bound_is_refused_before_it_comes(examples_server):
    with socket.create_connection(("127.0.0.1", examples_server.http_port), timeout=20) as connection:
        connection.sendall(b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in connection.recv(1000)


def test_headers_above_the_bound_end_their_call_alone(examples_server):
    with grpc.insecure_channel(examples_server.grpc) as channel:
        live = channel.unary_unary("/inference.GRPCInferenceService/ServerLive")
        with pytest.raises(grpc.RpcError):
            live(b"", metadata=[("x-long", "y" * 200_000)], timeout=20)
        assert live(b"", timeout=20) == b"\x08\x01"
