"""Tells who is in which segment, and reckons it once more from the people whom a workspace exports."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from google.longrunning import operations_pb2 as operations
from precinct.v1 import operation_pb2 as metadata
from precinct.v1 import person_service_pb2 as people
from precinct.v1 import segmentation_service_pb2 as segmentations

from client import Client, Refusal
from telling import names, say

DEFAULT = "00000000-0000-0000-0000-000000000000"
INDUSTRIES = ["Healthcare", "HEALTHCARE", "health care", "Éducation", "éducation", "Retail", "", None]
"""As people type them: in capitals, with a blank, with accents, empty, or not at all."""

Rule = tuple[str, Callable[[people.Person], bool]]


def made_up(place: str, count: int) -> list[people.Person]:
    """People of a place, the same ones each time."""
    made = []
    for number in range(count):
        person = people.Person(email=f"{place}{number}@example.com", first_name=f"{place.title()} {number}")
        industry = INDUSTRIES[number % len(INDUSTRIES)]
        if industry is not None:
            person.attributes["industry"].text_value = industry
        if number % 5:
            person.attributes["employees"].integer_value = number * 7 % 1_000
        made.append(person)
    return made


def done(client: Client, operation: operations.Operation) -> metadata.OperationMetadata:
    """Waits until an operation has ended, and tells how."""
    while not operation.done:
        operation = client.operations.WaitOperation(operations.WaitOperationRequest(name=operation.name))
    assert not operation.HasField("error"), operation.error
    told = metadata.OperationMetadata()
    operation.metadata.Unpack(told)
    return told


def exported(client: Client, workspace: str) -> Iterator[people.Person]:
    """All people whom a workspace sees."""
    for page in client.people.ExportPeople(people.ExportPeopleRequest(workspace_id=workspace)):
        yield from page.people


def folded(text: str) -> str:
    """A text as filters compare it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def reckoned(whom: list[people.Person], rules: list[Rule], partitions: set[str]) -> Counter[tuple[str, str]]:
    """How many people of each partition are in each segment: the first whose rule holds, or Default."""
    first = lambda person: next((name for name, holds in rules if holds(person)), "Default")
    return Counter((first(person), person.partition_id) for person in whom if person.partition_id in partitions)


def counted(client: Client, workspace: str, segmentation: str) -> Counter[tuple[str, str]]:
    """Tells how many people a workspace sees in each segment, and how far that is computed; returns the counts."""
    answer = client.segmentations.CountSegments(
        segmentations.CountSegmentsRequest(workspace_id=workspace, segmentation_id=segmentation)
    )
    say(f"{names[segmentation]}, seen from {names[workspace]}: {answer.total} people")
    counts: Counter[tuple[str, str]] = Counter()
    for count in answer.counts:
        say(f"  {count.display_name:12}{count.people:5}")
        counts.update({(count.display_name, one.partition_id): one.people for one in count.by_partition})
    for one in answer.coverage:
        state = segmentations.CoverageState.Name(one.state).removeprefix("COVERAGE_STATE_")
        reason = segmentations.CoverageReason.Name(one.reason).removeprefix("COVERAGE_REASON_")
        say(f"  {names[one.partition_id]}: {state}{'' if reason == 'UNSPECIFIED' else f' ({reason})'}")
    return +counts


def tell_test(answer: segmentations.TestSegmentationResponse) -> None:
    """What a segmentation says of a person, and what it looked at."""
    for verdict in answer.approved.verdicts:
        say(f"  {verdict.display_name}: {'yes' if verdict.holds else 'no'}")
        for one in verdict.conditions:
            looked = f" (it is {one.value!r})" if one.value else ""
            say(f"    {'  ' * one.depth}{'holds' if one.holds else 'fails'}: {one.condition}{looked}")
    say("  so:", answer.approved.segment_display_name or "not computed")


def total(refusal: Refusal) -> str:
    """The limit that a refusal names."""
    return f"{refusal.code} / {refusal.reason}: {refusal.metadata['total']} of {refusal.metadata['limit']}"
