"""The protocol's extensions, with tritonclient: classification and system shared memory (specification sections 8 and 9)."""
import uuid

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
import tritonclient.utils.shared_memory as shm
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES

MODULES = {"grpc": grpcclient, "http": httpclient}


@pytest.fixture(params=["grpc", "http"])
def client(request, examples_server):
    module = MODULES[request.param]
    made = module.InferenceServerClient(getattr(examples_server, request.param))
    yield module, made
    made.unregister_system_shared_memory()
    made.close()


def rows(count):
    return np.load(EXAMPLES / "models" / "mlp" / "reference" / "input.npy")[:count]


def answers(count):
    return np.load(EXAMPLES / "models" / "mlp" / "reference" / "output_v1.npy")[:count]


def regions(module, client):
    status = client.get_system_shared_memory_status()
    if module is httpclient:
        return {region["name"]: region for region in status}
    return dict(status.regions)


def test_classes_come_as_value_index_label(client):
    module, made = client
    tensor = module.InferInput("x", [2, 64], "FP32")
    tensor.set_data_from_numpy(rows(2))
    got = made.infer("mlp", [tensor], outputs=[module.InferRequestedOutput("y", class_count=3)]).as_numpy("y")
    assert got.shape == (2, 1)
    for text, expected in zip(got[:, 0], answers(2)[:, 0]):
        value, index = text.decode().split(":")[:2]
        assert index == "0"
        assert abs(float(value) - expected) < 1e-4 and len(value.split(".")[1]) == 6


@pytest.fixture
def memory():
    key = "/etalon-check-" + uuid.uuid4().hex
    handle = shm.create_shared_memory_region("check", key, 8192)
    yield handle, key
    shm.destroy_shared_memory_region(handle)


def test_tensors_lie_in_shared_memory(client, memory):
    module, made = client
    handle, key = memory
    x = rows(8)
    shm.set_shared_memory_region(handle, [x])
    made.register_system_shared_memory("check", key, 8192)
    assert regions(module, made)["check"]
    tensor = module.InferInput("x", list(x.shape), "FP32")
    tensor.set_shared_memory("check", x.nbytes)
    output = module.InferRequestedOutput("y")
    output.set_shared_memory("check", 32, offset=4096)
    for _ in range(3):
        shm.set_shared_memory_region(handle, [np.zeros(8, np.float32)], offset=4096)
        result = made.infer("mlp", [tensor], outputs=[output])
        described = result.get_output("y")
        assert described is not None
        if module is httpclient:
            assert "data" not in described and described["parameters"]["shared_memory_region"] == "check"
            assert described["parameters"]["shared_memory_byte_size"] == 32
        np.testing.assert_allclose(shm.get_contents_as_numpy(handle, np.float32, [8, 1], offset=4096), answers(8), atol=1e-4)
    made.unregister_system_shared_memory("check")
    assert "check" not in regions(module, made)


def test_only_the_input_lies_in_shared_memory(client, memory):
    module, made = client
    handle, key = memory
    x = rows(4)
    shm.set_shared_memory_region(handle, [x], offset=256)
    made.register_system_shared_memory("check", key, 4096, offset=128)
    tensor = module.InferInput("x", list(x.shape), "FP32")
    tensor.set_shared_memory("check", x.nbytes, offset=128)
    np.testing.assert_allclose(made.infer("mlp", [tensor]).as_numpy("y"), answers(4), atol=1e-4)


def test_faults_of_shared_memory_are_named(client, memory):
    module, made = client
    _, key = memory
    with pytest.raises(InferenceServerException, match="Unable to open shared memory region: '/etalon-absent'"):
        made.register_system_shared_memory("check", "/etalon-absent", 64)
    with pytest.raises(InferenceServerException, match="failed to register shared memory region 'check'"):
        made.register_system_shared_memory("check", key, 1 << 20)
    made.register_system_shared_memory("check", key, 4096)
    with pytest.raises(InferenceServerException, match="shared memory region 'check' already in manager"):
        made.register_system_shared_memory("check", key, 4096)
    tensor = module.InferInput("x", [8, 64], "FP32")
    tensor.set_shared_memory("nowhere", 2048)
    with pytest.raises(InferenceServerException, match="Unable to find shared memory region: 'nowhere'"):
        made.infer("mlp", [tensor])
    tensor.set_shared_memory("check", 2048, offset=4097)
    with pytest.raises(InferenceServerException, match="Invalid offset for shared memory region: 'check'"):
        made.infer("mlp", [tensor])
    tensor.set_shared_memory("check", 2048, offset=4000)
    with pytest.raises(InferenceServerException, match=r"Invalid offset \+ byte size for shared memory region: 'check'"):
        made.infer("mlp", [tensor])
    tensor.set_shared_memory("check", 1024)
    with pytest.raises(InferenceServerException, match="byte size|bytes"):
        made.infer("mlp", [tensor])
    made.unregister_system_shared_memory("never there")


def test_an_output_larger_than_its_room_fails_that_request(client, memory):
    module, made = client
    _, key = memory
    made.register_system_shared_memory("check", key, 4096)
    tensor = module.InferInput("x", [8, 64], "FP32")
    tensor.set_data_from_numpy(rows(8))
    output = module.InferRequestedOutput("y")
    output.set_shared_memory("check", 8)
    with pytest.raises(InferenceServerException, match="should be at least 32 bytes to hold the results"):
        made.infer("mlp", [tensor], outputs=[output])
    assert made.is_server_live()


def test_there_is_no_cuda_memory_here(client):
    module, made = client
    status = made.get_cuda_shared_memory_status()
    assert not (status if module is httpclient else status.regions)
