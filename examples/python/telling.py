"""Tells what happened, with names in place of ids."""

from typing import Any

import grpc
from precinct.v1 import access_service_pb2 as access
from precinct.v1 import topology_service_pb2 as topology

from client import Refusal, refusal

FACES = {"NOT_FOUND": "hidden", "PERMISSION_DENIED": "denied"}
Table = dict[tuple[str, str, str], str]

names: dict[str, str] = {}
"""The names of ids."""


def say(*words: object) -> None:
    text = " ".join(map(str, words))
    for id, name in names.items():
        text = text.replace(id, name)
    print(text)


def attempt(call: Any, request: Any) -> Refusal | None:
    """Makes a call; returns why it was refused, if it was."""
    try:
        answer = call(request)
        if isinstance(answer, grpc.Call):  # A stream: its answers come when they are read.
            list(answer)  # type: ignore[call-overload]
    except grpc.RpcError as error:
        return refusal(error)
    return None


def outcome(call: Any, request: Any) -> str:
    """In a word: yes, denied, hidden, or the reason of another refusal."""
    why = attempt(call, request)
    return FACES.get(why.code, why.reason) if why else "yes"


def show(table: Table) -> None:
    """A table by place, deed and person: for each place, a row for each deed and a column for each person."""
    places, deeds, people = (list(dict.fromkeys(one)) for one in zip(*table, strict=True))
    wide, narrow = (max(map(len, texts)) + 2 for texts in ([*places, *deeds], [*people, *table.values()]))
    for place in places:
        rows = [(place, people)] + [(f"  {deed}", [table[place, deed, who] for who in people]) for deed in deeds]
        for title, cells in rows:
            print((f"{title:{wide}} " + "".join(f"{cell:{narrow}}" for cell in cells)).rstrip())


def explain(answer: topology.ExplainAccessResponse) -> None:
    """The facts that an answer rests on, the first that fails, and what would turn it."""
    reason = access.AccessReason.Name(answer.reason).removeprefix("ACCESS_REASON_")
    say("yes:" if answer.allowed else "no:", reason)
    for link in answer.links:
        say("  holds:" if link.holds else "  fails:", link.text)
    if answer.HasField("change"):
        say("  to change it:", answer.change.text)
