"""Runs a document: its blocks, one after the other, and compares what each prints with what the document shows.

A block ```python or ```sh may stand before the block ```text of its output; without that it prints nothing. The blocks
of Python are one session. It begins with `folder`, which is empty, `serve`, which starts the service with flags and
returns its address, and `tamper`, which runs SQL behind the service's back; its strings are variables of the shell, where
`precinct` is the program and finds the address and the database. UPDATE_DOCS=1 writes what is printed into the document."""

import argparse
import contextlib
import io
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from readme_commands import LINES, compare
from service import Service

ROOT = Path(__file__).resolve().parents[2]
UPDATE = "UPDATE_DOCS" in os.environ
BLOCK = re.compile(rf"^```(python|sh)\n{LINES}```\n(?:```text\n{LINES}```\n)?", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / "target/debug/precinct")
    parser.add_argument("--owner-url", help="the database, for whoever may change all of it; of SQLite anybody")
    parser.add_argument("document", type=Path)
    parser.add_argument("database_url")
    parser.add_argument("flags", nargs="*", help="more flags for `precinct serve`")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(arguments, Path(folder))
        try:
            text = BLOCK.sub(run.block, arguments.document.read_text(encoding="utf-8"))
            run.stop()
        except BaseException as error:
            print(*(one.last_words() for one in run.services), file=sys.stderr)
            if isinstance(error, AssertionError):
                sys.exit(f"{arguments.document}: {error}")
            raise
        finally:
            run.kill()
    if UPDATE:
        arguments.document.write_text(text, encoding="utf-8")
    scheme = arguments.database_url.partition(":")[0]
    print(f"{arguments.document} on {scheme}: {run.blocks} blocks; {time.monotonic() - begun:.0f} s")


class Run:
    """A session, and the services that it starts."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self.arguments = arguments
        self.services: list[Service] = []
        self.session: dict[str, Any] = {"folder": folder, "serve": self.serve, "tamper": self.tamper}
        self.environment = os.environ | {
            "PATH": f"{arguments.binary.resolve().parent}:{os.environ['PATH']}",
            "PRECINCT_DATABASE_URL": arguments.database_url,
        }
        self.ids: dict[str, str] = {}
        self.blocks = 0

    def serve(self, *flags: object) -> str:
        """Starts the service on the database; returns its address."""
        flags = (*flags, *self.arguments.flags)
        service = Service(self.arguments.binary, self.arguments.database_url, [str(flag) for flag in flags])
        self.services.append(service)
        service.start()
        self.environment["PRECINCT_ADDRESS"] = f"http://{service.address}"
        return service.address

    def tamper(self, sql: str) -> None:
        """Changes rows, as somebody does who got hold of the database."""
        url = self.arguments.database_url
        if url.startswith("sqlite:"):
            with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite://"))) as database, database:
                database.execute(sql)
        else:
            subprocess.run(["psql", "--quiet", "--command", sql, self.arguments.owner_url], check=True)

    def block(self, found: re.Match[str]) -> str:
        """Runs a block; returns it as it ought to stand in the document."""
        language, code, expected = found.groups(default="")
        line = found.string.count("\n", 0, found.start()) + 1
        output = self.python(code, line) if language == "python" else self.shell(code)
        self.blocks += 1
        if UPDATE:
            with contextlib.suppress(AssertionError):
                compare(code, output, expected, self.ids)
                output = expected
            return f"```{language}\n{code}```\n" + (f"```text\n{output}```\n" if output else "")
        compare(code, output, expected, self.ids)
        return found[0]

    def python(self, code: str, line: int) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            # Errors then name the lines of the document.
            exec(compile("\n" * line + code, str(self.arguments.document), "exec"), self.session)
        return printed.getvalue()

    def shell(self, code: str) -> str:
        variables = {name: value for name, value in self.session.items() if isinstance(value, str)}
        return subprocess.run(
            ["bash", "-c", code],
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        ).stdout

    def stop(self) -> None:
        for service in self.services:
            service.stop()

    def kill(self) -> None:
        for service in self.services:
            if service.process:
                service.process.kill()


if __name__ == "__main__":
    main()
