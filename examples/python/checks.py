"""What a workspace shows, by every way of looking, against what it must show."""

import csv
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from precinct.v1 import attribute_pb2 as attributes
from precinct.v1 import person_service_pb2 as people

from client import Client
from made_up import Person

PAGE = 1000


def check(good: bool, otherwise: str) -> None:
    if not good:
        raise AssertionError(otherwise)


def equal(found: object, expected: object, what: str) -> None:
    check(found == expected, f"{what}: found {found!r}, expected {expected!r}")


def count(client: Client, workspace: str) -> int:
    return client.people.CountPeople(people.CountPeopleRequest(workspace_id=workspace)).total


def walk(client: Client, workspace: str, partitions: Sequence[str] = ()) -> Iterator[people.Person]:
    """Everybody whom a workspace sees, page by page."""
    token = ""
    while True:
        page = client.people.ListPeople(
            people.ListPeopleRequest(workspace_id=workspace, page_size=PAGE, page_token=token, partition_ids=partitions)
        )
        yield from page.people
        token = page.next_page_token
        if not token:
            return


def export(client: Client, workspace: str) -> Iterator[people.Person]:
    """Everybody whom a workspace sees, as one stream."""
    for message in client.people.ExportPeople(people.ExportPeopleRequest(workspace_id=workspace)):
        yield from message.people


def shows(client: Client, workspace: str, expected: Iterable[Person], what: str) -> set[str]:
    """Checks that a workspace lists and counts exactly these people, with all their values; returns their ids."""
    ids: set[str] = set()
    listed: Counter[tuple[object, ...]] = Counter()
    for one in walk(client, workspace):
        ids.add(one.person_id)
        listed[_frozen(read(one))] += 1
    equal(len(ids), listed.total(), f"{what}: different people among those listed")
    equal(count(client, workspace), len(ids), f"{what}: people counted")
    _same(listed, Counter(map(_frozen, expected)), f"{what}, listed")
    return ids


def exports(client: Client, workspace: str, expected: Iterable[Person], what: str) -> None:
    """The same for the export."""
    _same(Counter(_frozen(read(one)) for one in export(client, workspace)), Counter(map(_frozen, expected)), what)


def exported_by_command(command: list[str | Path], environment: dict[str, str], file: Path) -> set[str]:
    """The ids in the file that `precinct export` writes."""
    subprocess.run([*command, "--output", file], env=environment, check=True, stderr=subprocess.PIPE, timeout=300)
    with file.open(encoding="utf-8", newline="") as lines:
        ids = [one["person_id"] for one in csv.DictReader(lines)]
    equal(len(ids), len(set(ids)), "different people among those in the file")
    return set(ids)


def read(person: people.Person) -> Person:
    return Person(
        email=person.email,
        external_id=person.external_id,
        first_name=person.first_name,
        last_name=person.last_name,
        unsubscribed=person.unsubscribed,
        attributes={name: _value(value) for name, value in person.attributes.items()},
    )


def _value(value: attributes.AttributeValue) -> object:
    kind = value.WhichOneof("kind")
    found = getattr(value, kind)
    return found.ToJsonString() if kind == "timestamp_value" else found


def _frozen(person: Person) -> tuple[object, ...]:
    values = tuple(sorted(person.attributes.items()))
    return (
        person.email,
        person.external_id,
        person.first_name,
        person.last_name,
        person.unsubscribed,
        values,
    )


def _same(found: Counter, wanted: Counter, what: str) -> None:
    missing, extra = wanted - found, found - wanted
    check(
        not missing and not extra,
        f"{what}: {missing.total()} missing, such as {list(missing)[:2]}; "
        f"{extra.total()} too many, such as {list(extra)[:2]}",
    )
