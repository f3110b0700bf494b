"""Bad requests about people and lists of them."""

from collections.abc import Callable
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from precinct.v1 import attribute_pb2 as attributes
from precinct.v1 import person_service_pb2 as people

from cases import BAD, NOBODY, Case
from client import Refusal, refused
from topology import Company


def of_people(company: Company) -> list[Case]:
    call = company.admin.people

    def create(**values: Any) -> Callable[[], Refusal]:
        request = people.CreatePersonRequest(workspace_id=company.emea, person=people.Person(**values))
        return lambda: refused(call.CreatePerson, request)

    def attribute(name: str, **value: Any) -> Callable[[], Refusal]:
        return create(attributes={name: attributes.AttributeValue(**value)})

    def update(*paths: str, **values: Any) -> Callable[[], Refusal]:
        person = call.ListPeople(people.ListPeopleRequest(workspace_id=company.emea, page_size=1)).people[0]
        values = {"person_id": person.person_id, **values}
        request = people.UpdatePersonRequest(
            workspace_id=company.emea, person=people.Person(**values), update_mask=FieldMask(paths=paths)
        )
        return lambda: refused(call.UpdatePerson, request)

    def get(person: str, workspace: str = company.emea) -> Callable[[], Refusal]:
        request = people.GetPersonRequest(workspace_id=workspace, person_id=person)
        return lambda: refused(call.GetPerson, request)

    def move(target: str) -> Callable[[], Refusal]:
        request = people.MovePeopleRequest(workspace_id=company.emea, person_ids=[NOBODY], target_partition_id=target)
        return lambda: refused(call.MovePeople, request)

    missing = ("NOT_FOUND", "PERSON_NOT_FOUND")
    return [
        Case("NUL in a name", create(first_name="A\0da"), *BAD, "person.first_name"),
        Case("a control character", create(last_name="Love\u0007lace"), *BAD, "person.last_name"),
        Case("a name of 256 characters", create(first_name="é" * 256), *BAD, "person.first_name"),
        Case("a name of 3 MB", create(first_name="x" * 3_000_000), *BAD, "person.first_name"),
        Case("a name of 10 MB", create(first_name="x" * 10_000_000), *BAD, "person.first_name"),
        Case("a request of 40 MB", create(first_name="x" * 40_000_000), "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
        Case("no email at all", create(email="nobody"), *BAD, "person.email"),
        Case("an email that only looks like ASCII", create(email="mıke@example.com"), *BAD, "person.email"),
        Case(
            "all that is wrong, not just the first",
            create(email="@", external_id="\x01", first_name="\x02"),
            *BAD,
            "person.email person.external_id person.first_name",
        ),
        Case("an unknown attribute", attribute("shoe", text_value="9"), *BAD, "person.attributes.shoe"),
        Case("an attribute of another type", attribute("age", text_value="9"), *BAD, "person.attributes.age"),
        Case("an attribute without a value", attribute("age"), *BAD, "person.attributes.age"),
        Case("not a number", attribute("score", number_value=float("nan")), *BAD, "person.attributes.score"),
        Case("no such day", attribute("birthday", date_value="2023-02-29"), *BAD, "person.attributes.birthday"),
        Case("an unknown id", get(NOBODY), *missing),
        Case("an id of another kind", get(company.emea), *missing),
        Case("no id", get("42"), *BAD, "person_id"),
        Case("two bad ids", get("", "emea"), *BAD, "workspace_id person_id"),
        Case("an unknown workspace", get(NOBODY, NOBODY), "NOT_FOUND", "WORKSPACE_NOT_FOUND"),
        Case("an unknown path of a mask", update("shoe"), *BAD, "update_mask"),
        Case(
            "a path that cannot change", update("partition_id"), "INVALID_ARGUMENT", "IMMUTABLE_FIELD", "partition_id"
        ),
        Case("a stale etag", update("first_name", etag="stale"), "ABORTED", "ETAG_MISMATCH"),
        Case("a move to nowhere", move(NOBODY), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case("a move out of sight", move(company.america), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case("a batch of nobody", _batch(call, company, []), *BAD, "person_ids"),
        Case("a batch of too many", _batch(call, company, [NOBODY] * 1001), *BAD, "person_ids"),
    ]


def _batch(call: Any, company: Company, ids: list[str]) -> Callable[[], Refusal]:
    request = people.BatchGetPeopleRequest(workspace_id=company.emea, person_ids=ids)
    return lambda: refused(call.BatchGetPeople, request)


def of_lists(company: Company) -> list[Case]:
    call = company.admin.people
    first = call.ListPeople(people.ListPeopleRequest(workspace_id=company.emea, page_size=1))
    token = first.next_page_token

    def page(**request: Any) -> Callable[[], Refusal]:
        request = {"workspace_id": company.emea, **request}
        return lambda: refused(call.ListPeople, people.ListPeopleRequest(**request))

    flipped = ("B" if token[0] == "A" else "A") + token[1:]
    export = people.ExportPeopleRequest(workspace_id=company.emea, resume_token=token)
    forged = ("INVALID_ARGUMENT", "INVALID_PAGE_TOKEN", "page_token")
    return [
        Case("a negative page size", page(page_size=-1), *BAD, "page_size"),
        Case("a forged page token", page(page_token="forged"), *forged),
        Case("a changed page token", page(page_token=flipped), *forged),
        Case("the page token of another workspace", page(workspace_id=company.na, page_token=token), *forged),
        Case("the page token of another order", page(order_by="email", page_token=token), *forged),
        Case("the page token of another rpc", lambda: refused(call.ExportPeople, export), *forged[:2], "resume_token"),
        Case("an unknown order", page(order_by="shoe"), *BAD, "order_by"),
        Case("a partition out of sight", page(partition_ids=[company.america]), "NOT_FOUND", "PARTITION_NOT_FOUND"),
    ]
