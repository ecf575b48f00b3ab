"""A model repository in a real S3 server (moto), read with signed requests."""
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3
import numpy as np
import pytest
import tritonclient.grpc as grpcclient
from botocore.config import Config
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, etalon, free_ports, wait_until

BUCKET = "models"
PREFIX = "ligo/o4"
# The requests that make the bucket and the user; each later one must be signed, which the server checks.
FREE_REQUESTS = 4


class Store:
    """A store in a process of its own, with one user, whose data lives as long as it."""

    def __init__(self):
        self.port = free_ports(1)[0]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(FREE_REQUESTS)})
        wait_until(self._answers, 60)
        self._make()

    def _answers(self):
        try:
            return urllib.request.urlopen(self.endpoint + "/moto-api/", timeout=1).status == 200
        except OSError:
            return False

    def client(self, service, key, secret):
        return boto3.client(service, endpoint_url=self.endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                            region_name="us-east-1", config=Config(retries={"max_attempts": 1}))

    def _make(self):
        iam = self.client("iam", "any", "any")
        iam.create_user(UserName="etalon")
        key = iam.create_access_key(UserName="etalon")["AccessKey"]
        iam.put_user_policy(UserName="etalon", PolicyName="all", PolicyDocument=(
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'))
        self.key, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        self.s3 = self.client("s3", self.key, self.secret)
        self.s3.create_bucket(Bucket=BUCKET)

    @property
    def repository(self):
        return f"s3://{self.endpoint}/{BUCKET}/{PREFIX}"

    def environment(self, cache):
        return {**os.environ, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_DEFAULT_REGION": "us-east-1", "XDG_CACHE_HOME": str(cache)}

    def put(self, file, name):
        self.s3.upload_file(str(file), BUCKET, f"{PREFIX}/{name}")

    def put_model(self, name, versions):
        source = EXAMPLES / "models" / name
        for file in sorted(source.rglob("*")):
            top = file.relative_to(source).parts[0]
            if file.is_file() and (not top.isdigit() or int(top) in versions):
                self.put(file, f"{name}/{file.relative_to(source).as_posix()}")

    def pause(self):
        """Away without forgetting: the process stands still."""
        self.process.send_signal(19)

    def resume(self):
        self.process.send_signal(18)

    def stop(self):
        self.resume()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def store():
    store = Store()
    yield store
    store.stop()


def versions_ready(server, model):
    client = grpcclient.InferenceServerClient(server.grpc)
    return sorted(m.version for m in client.get_model_repository_index().models if m.name == model and m.state == "READY")


def test_a_repository_is_served_and_followed(serve, store, tmp_path, monkeypatch):
    for name, value in store.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    store.put_model("bbh", [1])
    config = (EXAMPLES / "models/bbh/config.pbtxt").read_text().replace("all { }", "latest { num_versions: 1 }")
    store.s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/bbh/config.pbtxt", Body=config.encode())
    server = serve(store.repository, "--model-control-mode", "poll", "--repository-poll-secs", "1")
    x = np.load(EXAMPLES / "models/bbh/reference/input.npy")[:4]
    tensor = grpcclient.InferInput("strain", list(x.shape), "FP32")
    tensor.set_data_from_numpy(x)
    client = grpcclient.InferenceServerClient(server.grpc)

    def version():
        return client.infer("bbh", [tensor]).get_response().model_version

    expected = np.load(EXAMPLES / "models/bbh/reference/output_v1.npy")[:4]
    result = client.infer("bbh", [tensor])
    output = result.get_response().outputs[0].name
    assert np.allclose(result.as_numpy(output).reshape(-1), expected.reshape(-1), atol=1e-4)

    # An upload of many parts that was begun and never ended is no object; one that says that it goes on is not taken.
    model = EXAMPLES / "models/bbh/2/model.onnx"
    key = f"{PREFIX}/bbh/2/model.onnx"
    upload = store.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = store.s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=model.read_bytes())
    store.s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/bbh/3/.uploading", Body=b"")
    store.put(model, "bbh/3/model.onnx")
    time.sleep(4)
    assert version() == "1" and versions_ready(server, "bbh") == ["1"]
    assert not any("error" in line.lower() for line in server.log), "".join(server.log)

    # Ended, it goes live.
    store.s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload,
                                       MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert store.s3.head_object(Bucket=BUCKET, Key=key)["ETag"].endswith('-1"')
    wait_until(lambda: version() == "2", 60)

    # The store is away: what is served goes on. It is back: so do changes.
    store.pause()
    time.sleep(3)
    assert version() == "2" and client.is_server_ready()
    store.resume()
    store.s3.delete_object(Bucket=BUCKET, Key=key)
    wait_until(lambda: version() == "1", 90)

    assert server.stop() in (0, 143, -15)
    assert list((tmp_path / "etalon" / "repositories").iterdir()) == [], "the copies end with the service"


def test_loads_by_request_and_wrong_keys(serve, store, tmp_path, monkeypatch):
    for name, value in store.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    store.put_model("mlp", [1])
    server = serve(store.repository, "--model-control-mode", "explicit")
    client = grpcclient.InferenceServerClient(server.grpc)
    copies = tmp_path / "etalon" / "repositories"
    assert [m.name for m in client.get_model_repository_index().models] == ["mlp"]
    assert not list(copies.rglob("*.onnx"))
    client.load_model("mlp")
    assert client.is_model_ready("mlp") and list(copies.rglob("*.onnx"))
    client.unload_model("mlp")
    wait_until(lambda: not list(copies.rglob("*.onnx")))
    server.kill()  # leaves its folder, which the next one deletes

    done = etalon("models", "validate", store.repository, env={**store.environment(tmp_path)})
    assert "READY" in done.stdout
    assert list(copies.iterdir()) == []
    for variable, value in {"AWS_SECRET_ACCESS_KEY": "wrong", "AWS_ACCESS_KEY_ID": "AKIAWRONG"}.items():
        refused = etalon("models", "validate", store.repository, check=False,
                         env={**store.environment(tmp_path), variable: value})
        assert refused.returncode == 1 and " 403 " in refused.stderr, refused.stderr
    usage = etalon("models", "validate", "s3://nohost:port", check=False)
    assert usage.returncode == 2 and "expected: s3://" in usage.stderr
