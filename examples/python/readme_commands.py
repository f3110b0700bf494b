"""Runs the commands of the README and compares what they print with what the README shows.

In the README, a block ```sh that calls grpcurl stands before the block ```text of its output. There, an ellipsis alone
on its line stands for any lines, one in a line for any text. Ids and times differ from run to run: the first time an id
is shown, the real one is learnt, and from then on stands for it in commands and outputs."""

import re
import subprocess
from pathlib import Path

from checks import check, equal

DEFAULT_ADDRESS = "127.0.0.1:50051"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
LINES = r"((?:(?!```).*\n)*)"
BLOCKS = re.compile(rf"^```sh\n{LINES}```\n```text\n{LINES}```$", re.MULTILINE)


def run(readme: Path, address: str) -> int:
    """Runs all blocks in one shell after the other; returns how many there are."""
    ids: dict[str, str] = {}
    variables = ""
    blocks = [one for one in BLOCKS.findall(readme.read_text(encoding="utf-8")) if "grpcurl " in one[0]]
    for commands, expected in blocks:
        for shown, real in [*ids.items(), (DEFAULT_ADDRESS, address)]:
            commands = commands.replace(shown, real)
        done = subprocess.run(
            ["bash", "-c", variables + commands],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        compare(commands, done.stdout, expected, ids)
        variables += "".join(re.findall(r"^\w+=[^ ]*\n", commands, re.MULTILINE))
    check(bool(blocks), "the README shows no calls")
    return len(blocks)


def compare(commands: str, output: str, expected: str, ids: dict[str, str]) -> None:
    """Compares an output with what the README shows, and learns the ids in it."""
    pattern, shown = "", []
    for line in expected.splitlines(keepends=True):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
            continue
        for part in re.split(f"({UUID}|{TIME}|…)", line):
            if re.fullmatch(UUID, part) and part not in ids:
                shown.append(part)
                pattern += f"({UUID})"
            elif re.fullmatch(TIME, part):
                pattern += TIME
            else:
                pattern += ".*" if part == "…" else re.escape(ids.get(part, part))
    match = re.fullmatch(pattern, output)
    if match is None:
        raise AssertionError(f"the document does not show what this prints:\n{commands}\n{output}")
    for id, real in zip(shown, match.groups(), strict=True):
        equal(ids.setdefault(id, real), real, "the same id")


def check_configuration(readme: Path, help: str) -> None:
    """Checks that the README's table has exactly the flags of `precinct serve --help`, with their defaults."""
    flags = {}
    for part in re.split(r"^ +(?=--)", help, flags=re.MULTILINE)[1:]:
        default = re.search(r"\[default: (.*?)\]", part)
        variable = re.search(r"\[env: (\w+)", part)
        flags[re.split(r"[^\w-]", part)[0]] = (variable and variable[1], default[1] if default else "")
    rows = re.findall(r"^\| `(--[\w-]+)` \| `(\w+)` \| (.*?)\|", readme.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {flag: (variable, default.strip(" `")) for flag, variable, default in rows}
    equal(shown, flags, "the README's table of flags")
