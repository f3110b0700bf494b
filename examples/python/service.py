"""Runs the service as a process of its own, and lets it die."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from client import connect

PATIENCE = 60.0


class Service:
    """`precinct serve` on a free port, which it keeps when it is started again."""

    def __init__(self, binary: Path, database_url: str, flags: list[str]) -> None:
        self.binary = binary
        self.flags = flags
        self.environment = os.environ | {
            "PRECINCT_DATABASE_URL": database_url,
            "PRECINCT_LISTEN": "127.0.0.1:0",
            "PRECINCT_ADMIN_LISTEN": "",
            "PRECINCT_DRAIN_DELAY": "0s",
        }
        self.log = tempfile.TemporaryFile("w+")
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> None:
        command = [str(self.binary), "serve", *self.flags]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.address = self.environment["PRECINCT_LISTEN"] = line.split()[-1]
                break
        else:
            raise AssertionError("the service did not start")
        self._await_readiness()

    def _await_readiness(self) -> None:
        end = time.monotonic() + PATIENCE
        with connect(self.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            while time.monotonic() < end:
                try:
                    request = health_pb2.HealthCheckRequest(service="readiness")
                    if health.Check(request, timeout=5).status == health_pb2.HealthCheckResponse.SERVING:
                        return
                except grpc.RpcError:
                    pass
                time.sleep(0.05)
        raise AssertionError("the service did not become ready")

    def kill(self) -> None:
        """SIGKILL: as when the machine loses power."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM: calls in progress end, and it exits with 0."""
        assert self.process
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        assert code == 0, f"the service ended with {code}"

    def run(self, *arguments: str) -> str:
        """Another command of the program, on the same database."""
        command = [str(self.binary), *arguments]
        return subprocess.run(
            command, env=self.environment, check=True, text=True, stdout=subprocess.PIPE, stderr=self.log
        ).stdout

    def last_words(self) -> str:
        self.log.seek(0)
        return "".join(self.log.readlines()[-20:])
