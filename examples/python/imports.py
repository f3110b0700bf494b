"""Imports files with `precinct import`, and lets the server or the client die in the middle."""

import csv
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from checks import check, count
from made_up import Reject
from service import Service
from topology import ADMIN, Company

# The exit code of an import that is complete but for rejected rows.
REJECTED = 3
PATIENCE = 240.0


@dataclass
class Import:
    """One file on its way through one workspace."""

    service: Service
    company: Company
    workspace: str
    file: Path
    rows: int
    log: str = field(default="", init=False)

    @property
    def rejects_file(self) -> Path:
        return self.file.with_suffix(".rejects.csv")

    def surviving_the_server(self) -> None:
        """The server is killed in the middle and started again: the client goes on by itself."""
        client = self._start()
        self._reach_the_middle(client)
        self.service.kill()
        self.service.start()
        self._finish(client)

    def surviving_the_client(self) -> None:
        """The client is killed in the middle: the same command goes on where it was."""
        client = self._start()
        self._reach_the_middle(client)
        client.kill()
        client.communicate()
        self._finish(self._start())
        check("rows are in already" in self.log, "the second run began anew")

    def rejects(self) -> list[Reject]:
        with self.rejects_file.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        check(all(line["message"] for line in lines), "a reject without a message")
        return [Reject(int(one["row"]), int(one["line"]), one["column"], one["reason"]) for one in lines]

    def _start(self) -> subprocess.Popen[str]:
        command: list[str | Path] = [self.service.binary, "import", self.file, "--workspace", self.workspace]
        command += ["--rejects", self.rejects_file, "--chunk", str(max(100, self.rows // 100))]
        environment = os.environ | {
            "PRECINCT_ADDRESS": f"http://{self.service.address}",
            "PRECINCT_TENANT": self.company.tenant,
            "PRECINCT_PRINCIPAL": ADMIN,
        }
        return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _reach_the_middle(self, client: subprocess.Popen[str]) -> None:
        end = time.monotonic() + PATIENCE
        while count(self.company.admin, self.workspace) < self.rows // 4:
            check(client.poll() is None and time.monotonic() < end, "the import was over before its middle")
            time.sleep(0.02)

    def _finish(self, client: subprocess.Popen[str]) -> None:
        check(count(self.company.admin, self.workspace) < self.rows * 9 // 10, "the kill came too late")
        self.log, _ = client.communicate(timeout=PATIENCE)
        check(client.returncode == REJECTED, f"precinct import ended with {client.returncode}:\n{self.log}")
