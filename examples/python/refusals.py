"""Bad requests of every kind, and how each is refused: the same on every database."""

import uuid
from dataclasses import dataclass
from typing import Any, Callable

import grpc
from checks import check, equal
from client import Client, Refusal, refusal, refused
from google.protobuf.field_mask_pb2 import FieldMask
from precinct.v1 import common_pb2 as common
from precinct.v1 import field_service_pb2 as fields
from precinct.v1 import partition_service_pb2 as partitions
from precinct.v1 import person_service_pb2 as people
from precinct.v1 import tenant_service_pb2 as tenants
from precinct.v1 import workspace_service_pb2 as workspaces
from topology import ADMIN, Company, found

NOBODY = "01970000-0000-7000-8000-000000000000"
# Keys of the metadata that a refusal has only where there is such a thing.
OPTIONAL = {"workspace_id", "limit"}


@dataclass(frozen=True)
class Case:
    """A call, and how it must be refused."""

    title: str
    call: Callable[[], Refusal]
    code: str
    reason: str
    fields: str = ""
    """The fields at fault, if the request is."""


def check_all(company: Company, address: str, documented: dict[str, set[str]]) -> int:
    """Checks every case; returns how many there are. `documented` has the keys of the metadata by reason."""
    channel = grpc.insecure_channel(address)
    cases = [
        *_of_people(company),
        *_of_lists(company),
        *_of_topology(company),
        *_of_fields(company),
        *_of_callers(company, channel),
        *_of_states(company, channel),
    ]
    for case in cases:
        got = case.call()
        equal((got.code, got.reason), (case.code, case.reason), case.title)
        equal(" ".join(got.fields), case.fields, f"{case.title}: fields at fault")
        equal(got.domain, "precinct", f"{case.title}: domain")
        check(bool(got.request_id), f"{case.title}: no request id to quote")
        keys = documented[got.reason]
        check(keys - OPTIONAL <= set(got.metadata) <= keys, f"{case.title}: {got.metadata}, not {keys}")
    channel.close()
    return len(cases)


def _of_people(company: Company) -> list[Case]:
    call = company.admin.people

    def create(**values: Any) -> Callable[[], Refusal]:
        request = people.CreatePersonRequest(workspace_id=company.emea, person=people.Person(**values))
        return lambda: refused(call.CreatePerson, request)

    def attribute(name: str, **value: Any) -> Callable[[], Refusal]:
        return create(attributes={name: people.AttributeValue(**value)})

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
        request = people.MovePeopleRequest(
            workspace_id=company.emea, person_ids=[NOBODY], target_partition_id=target
        )
        return lambda: refused(call.MovePeople, request)

    bad, missing = ("INVALID_ARGUMENT", "INVALID_FIELD"), ("NOT_FOUND", "PERSON_NOT_FOUND")
    return [
        Case("NUL in a name", create(first_name="A\0da"), *bad, "person.first_name"),
        Case("a control character", create(last_name="Love\u0007lace"), *bad, "person.last_name"),
        Case("a name of 256 characters", create(first_name="é" * 256), *bad, "person.first_name"),
        Case("a name of 3 MB", create(first_name="x" * 3_000_000), *bad, "person.first_name"),
        Case("a name of 10 MB", create(first_name="x" * 10_000_000), *bad, "person.first_name"),
        Case("a request of 40 MB", create(first_name="x" * 40_000_000), "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
        Case("no email at all", create(email="nobody"), *bad, "person.email"),
        Case("an email that only looks like ASCII", create(email="mıke@example.com"), *bad, "person.email"),
        Case(
            "all that is wrong, not just the first",
            create(email="@", external_id="\x01", first_name="\x02"),
            *bad,
            "person.email person.external_id person.first_name",
        ),
        Case("an unknown attribute", attribute("shoe", text_value="9"), *bad, "person.attributes.shoe"),
        Case("an attribute of another type", attribute("age", text_value="9"), *bad, "person.attributes.age"),
        Case("an attribute without a value", attribute("age"), *bad, "person.attributes.age"),
        Case("not a number", attribute("score", number_value=float("nan")), *bad, "person.attributes.score"),
        Case("no such day", attribute("birthday", date_value="2023-02-29"), *bad, "person.attributes.birthday"),
        Case("an unknown id", get(NOBODY), *missing),
        Case("an id of another kind", get(company.emea), *missing),
        Case("no id", get("42"), *bad, "person_id"),
        Case("two bad ids", get("", "emea"), *bad, "workspace_id person_id"),
        Case("an unknown workspace", get(NOBODY, NOBODY), "NOT_FOUND", "WORKSPACE_NOT_FOUND"),
        Case("an unknown path of a mask", update("shoe"), *bad, "update_mask"),
        Case("a path that cannot change", update("partition_id"), "INVALID_ARGUMENT", "IMMUTABLE_FIELD", "partition_id"),
        Case("a stale etag", update("first_name", etag="stale"), "ABORTED", "ETAG_MISMATCH"),
        Case("a move to nowhere", move(NOBODY), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case("a move out of sight", move(company.america), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case("a batch of nobody", _batch(call, company, []), *bad, "person_ids"),
        Case("a batch of too many", _batch(call, company, [NOBODY] * 1001), *bad, "person_ids"),
    ]


def _batch(call: Any, company: Company, ids: list[str]) -> Callable[[], Refusal]:
    request = people.BatchGetPeopleRequest(workspace_id=company.emea, person_ids=ids)
    return lambda: refused(call.BatchGetPeople, request)


def _of_lists(company: Company) -> list[Case]:
    call = company.admin.people
    first = call.ListPeople(people.ListPeopleRequest(workspace_id=company.emea, page_size=1))
    token = first.next_page_token

    def page(**request: Any) -> Callable[[], Refusal]:
        request = {"workspace_id": company.emea, **request}
        return lambda: refused(call.ListPeople, people.ListPeopleRequest(**request))

    flipped = ("B" if token[0] == "A" else "A") + token[1:]
    export = people.ExportPeopleRequest(workspace_id=company.emea, resume_token=token)
    bad, forged = ("INVALID_ARGUMENT", "INVALID_FIELD"), ("INVALID_ARGUMENT", "INVALID_PAGE_TOKEN", "page_token")
    return [
        Case("a negative page size", page(page_size=-1), *bad, "page_size"),
        Case("a forged page token", page(page_token="forged"), *forged),
        Case("a changed page token", page(page_token=flipped), *forged),
        Case("the page token of another workspace", page(workspace_id=company.na, page_token=token), *forged),
        Case("the page token of another order", page(order_by="email", page_token=token), *forged),
        Case("the page token of another rpc", lambda: refused(call.ExportPeople, export), *forged[:2], "resume_token"),
        Case("an unknown order", page(order_by="shoe"), *bad, "order_by"),
        Case("a partition out of sight", page(partition_ids=[company.america]), "NOT_FOUND", "PARTITION_NOT_FOUND"),
    ]


def _of_topology(company: Company) -> list[Case]:
    spaces, parts = company.admin.workspaces, company.admin.partitions

    def create(name: str, *bound: str, **values: Any) -> Callable[[], Refusal]:
        request = workspaces.CreateWorkspaceRequest(
            workspace=workspaces.Workspace(display_name=name, **values), partition_ids=bound
        )
        return lambda: refused(spaces.CreateWorkspace, request)

    def partition(name: str) -> Callable[[], Refusal]:
        request = partitions.CreatePartitionRequest(partition=partitions.Partition(display_name=name))
        return lambda: refused(parts.CreatePartition, request)

    def delete(one: str) -> Callable[[], Refusal]:
        return lambda: refused(parts.DeletePartition, partitions.DeletePartitionRequest(partition_id=one))

    def unbind(workspace: str, one: str) -> Callable[[], Refusal]:
        request = partitions.UnbindPartitionRequest(workspace_id=workspace, partition_id=one)
        return lambda: refused(parts.UnbindPartition, request)

    change = workspaces.UpdateWorkspaceRequest(
        workspace=workspaces.Workspace(workspace_id=company.emea, region="eu"),
        update_mask=FieldMask(paths=["region"]),
    )
    archive = workspaces.ArchiveWorkspaceRequest(workspace_id=company.default_workspace)
    bad, state = ("INVALID_ARGUMENT", "INVALID_FIELD"), "FAILED_PRECONDITION"
    return [
        Case("no name", create(" ", company.europe), *bad, "workspace.display_name"),
        Case("a name that is taken", create("ＥＭＥＡ".lower(), company.europe, description="x\0"), *bad, "workspace.description"),
        Case("a name in other case", create("emea", company.europe), "ALREADY_EXISTS", "NAME_TAKEN"),
        Case("a workspace of 10 MB", create("x" * 10_000_000), "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
        Case("no partition", create("APAC"), "INVALID_ARGUMENT", "NO_PARTITION", "partition_ids"),
        Case("two partitions and no primary", create("APAC", company.europe, company.america), state, "PRIMARY_PARTITION_REQUIRED"),
        Case("an unknown partition", create("APAC", NOBODY), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case("a region that cannot change", lambda: refused(spaces.UpdateWorkspace, change), "INVALID_ARGUMENT", "IMMUTABLE_FIELD", "region"),
        Case("the Default workspace archived", lambda: refused(spaces.ArchiveWorkspace, archive), state, "DEFAULT_WORKSPACE"),
        Case("a partition's name that is taken", partition("EUROPE"), "ALREADY_EXISTS", "NAME_TAKEN"),
        Case("the Default partition deleted", delete(company.default_partition), state, "PARTITION_IS_DEFAULT"),
        Case("a partition with people deleted", delete(company.partners), state, "PARTITION_NOT_EMPTY"),
        Case("a primary partition deleted", delete(company.america), state, "PARTITION_IS_PRIMARY"),
        Case("the last partition unbound", unbind(company.na, company.america), "INVALID_ARGUMENT", "NO_PARTITION", "partition_id"),
        Case("the primary unbound", unbind(company.emea, company.europe), state, "PRIMARY_PARTITION_REQUIRED"),
        Case("what is not bound unbound", unbind(company.emea, company.america), "NOT_FOUND", "BINDING_NOT_FOUND"),
    ]


def _of_fields(company: Company) -> list[Case]:
    call = company.admin.fields

    def create(name: str, kind: int) -> Callable[[], Refusal]:
        request = fields.CreateFieldRequest(field=fields.Field(name=name, type=kind))
        return lambda: refused(call.CreateField, request)

    email = next(one for one in call.ListFields(fields.ListFieldsRequest()).fields if one.name == "email")
    delete = fields.DeleteFieldRequest(field_id=email.field_id)
    bad, taken, text = ("INVALID_ARGUMENT", "INVALID_FIELD"), ("ALREADY_EXISTS", "NAME_TAKEN"), fields.FIELD_TYPE_TEXT
    return [
        Case("a field with a bad name", create("Shoe size", text), *bad, "field.name"),
        Case("a field without a type", create("shoe_size", fields.FIELD_TYPE_UNSPECIFIED), *bad, "field.type"),
        Case("a field that is there", create("age", text), *taken),
        Case("a field named like a built-in one", create("email", text), *taken),
        Case("a built-in field deleted", lambda: refused(call.DeleteField, delete), "FAILED_PRECONDITION", "BUILT_IN_FIELD"),
        Case("an unknown field", lambda: refused(call.GetField, fields.GetFieldRequest(field_id=NOBODY)), "NOT_FOUND", "FIELD_NOT_FOUND"),
    ]


def _of_callers(company: Company, channel: grpc.Channel) -> list[Case]:
    def read(**headers: str) -> Callable[[], Refusal]:
        client = Client(channel, **headers)
        return lambda: refused(client.people.CountPeople, people.CountPeopleRequest(workspace_id=company.emea))

    def raw(method: str, body: bytes) -> Callable[[], Refusal]:
        call = company.admin.channel.unary_unary(method)
        return lambda: refused(call, body)

    own = tenants.CreateTenantRequest(tenant=tenants.Tenant(display_name="Own"), owner=ADMIN)
    other = found(channel, "Another company").admin.people
    seen = people.CountPeopleRequest(workspace_id=company.emea)
    nobody = ("UNAUTHENTICATED", "CREDENTIALS_REQUIRED")
    people_rpc = "/precinct.v1.PersonService/"
    return [
        Case("no context", read(), *nobody),
        Case("no principal", read(tenant=company.tenant), *nobody),
        Case("no tenant", read(principal=ADMIN), *nobody),
        Case("a tenant that is no id", read(principal=ADMIN, tenant="acme"), *nobody),
        Case("a principal of no kind", read(principal="ann", tenant=company.tenant), *nobody),
        Case("an operator among people", read(principal="platform:ops", tenant=company.tenant), "PERMISSION_DENIED", "PERMISSION_REQUIRED"),
        Case("a tenant made by a user", lambda: refused(company.admin.tenants.CreateTenant, own), "PERMISSION_DENIED", "PERMISSION_REQUIRED"),
        Case("the workspace of another tenant", lambda: refused(other.CountPeople, seen), "NOT_FOUND", "WORKSPACE_NOT_FOUND"),
        Case(
            "a revision from the future",
            read(principal=ADMIN, tenant=company.tenant, at_least_revision="999999999"),
            "UNAVAILABLE",
            "REVISION_NOT_REACHED",
        ),
        Case("an unknown method", raw(people_rpc + "Promote", b""), "UNIMPLEMENTED", "METHOD_NOT_FOUND"),
        Case("bytes that are no message", raw(people_rpc + "GetPerson", b"\xff\xff"), "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
    ]


def _of_states(company: Company, channel: grpc.Channel) -> list[Case]:
    """States that are in the way, each in a company of its own."""
    archived, suspended, narrow = (found(channel, name) for name in ("Archived", "Suspended", "Read-only"))
    archived.admin.workspaces.ArchiveWorkspace(workspaces.ArchiveWorkspaceRequest(workspace_id=archived.na))
    suspended.operator.tenants.SuspendTenant(tenants.SuspendTenantRequest(tenant_id=suspended.tenant))
    narrow.admin.partitions.BindPartition(
        partitions.BindPartitionRequest(
            workspace_id=narrow.emea, partition_id=narrow.partners, access=common.BINDING_ACCESS_READ_ONLY
        )
    )

    def create(one: Company, workspace: str, partition: str = "") -> Callable[[], Refusal]:
        request = people.CreatePersonRequest(
            workspace_id=workspace, partition_id=partition, person=people.Person(first_name="Ada")
        )
        return lambda: refused(one.admin.people.CreatePerson, request)

    def bring(*chunks: people.ImportChunk) -> Callable[[], Refusal]:
        header = people.ImportHeader(
            import_id=str(uuid.uuid4()), workspace_id=narrow.emea, mode=people.PERSON_WRITE_MODE_CREATE_ONLY
        )
        parts = [people.ImportPeopleRequest(header=header)]
        parts += [people.ImportPeopleRequest(chunk=chunk) for chunk in chunks]
        return lambda: _refused_stream(narrow.admin.people.ImportPeople, parts)

    ada, eve = [people.Person(first_name="Ada")], [people.Person(first_name="Eve")]
    delete = tenants.DeleteTenantRequest(tenant_id=narrow.tenant, confirm_display_name="Read only")
    state = "FAILED_PRECONDITION"
    return [
        Case("a person for an archived workspace", create(archived, archived.na), state, "WORKSPACE_ARCHIVED"),
        Case("a person for a suspended tenant", create(suspended, suspended.na), state, "TENANT_SUSPENDED"),
        Case("a person for a read-only partition", create(narrow, narrow.emea, narrow.partners), state, "PARTITION_READ_ONLY"),
        Case("a name not repeated", lambda: refused(narrow.operator.tenants.DeleteTenant, delete), "INVALID_ARGUMENT", "CONFIRMATION_MISMATCH", "confirm_display_name"),
        Case("a chunk too early", bring(people.ImportChunk(first_row=5, people=ada)), state, "IMPORT_CHUNK_OUT_OF_ORDER"),
        Case(
            "a chunk that has changed",
            bring(people.ImportChunk(first_row=0, people=ada), people.ImportChunk(first_row=0, people=eve)),
            "INVALID_ARGUMENT",
            "IMPORT_CHANGED",
            "chunk",
        ),
    ]


def _refused_stream(call: Any, parts: list[Any]) -> Refusal:
    try:
        for _ in call(iter(parts)):
            pass
    except grpc.RpcError as error:
        return refusal(error)
    raise AssertionError("the stream was not refused")
