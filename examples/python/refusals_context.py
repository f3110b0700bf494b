"""Bad callers, and states that are in the way."""

import uuid
from collections.abc import Callable

import grpc
from precinct.v1 import common_pb2 as common
from precinct.v1 import partition_service_pb2 as partitions
from precinct.v1 import person_service_pb2 as people
from precinct.v1 import tenant_service_pb2 as tenants
from precinct.v1 import workspace_service_pb2 as workspaces

from cases import STATE, Case
from client import Client, Refusal, refused
from topology import ADMIN, Company, found


def of_callers(company: Company, channel: grpc.Channel) -> list[Case]:
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
        Case(
            "an operator among people",
            read(principal="platform:ops", tenant=company.tenant),
            "NOT_FOUND",
            "WORKSPACE_NOT_FOUND",
        ),
        Case(
            "a tenant made by a user",
            lambda: refused(company.admin.tenants.CreateTenant, own),
            "PERMISSION_DENIED",
            "PERMISSION_REQUIRED",
        ),
        Case(
            "the workspace of another tenant",
            lambda: refused(other.CountPeople, seen),
            "NOT_FOUND",
            "WORKSPACE_NOT_FOUND",
        ),
        Case(
            "a revision from the future",
            read(principal=ADMIN, tenant=company.tenant, at_least_revision="999999999"),
            "UNAVAILABLE",
            "REVISION_NOT_REACHED",
        ),
        Case("an unknown method", raw(people_rpc + "Promote", b""), "UNIMPLEMENTED", "METHOD_NOT_FOUND"),
        Case(
            "bytes that are no message",
            raw(people_rpc + "GetPerson", b"\xff\xff"),
            "INVALID_ARGUMENT",
            "MALFORMED_REQUEST",
        ),
    ]


def of_states(company: Company, channel: grpc.Channel) -> list[Case]:
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
        return lambda: refused(narrow.admin.people.ImportPeople, iter(parts))

    ada, eve = [people.Person(first_name="Ada")], [people.Person(first_name="Eve")]
    delete = tenants.DeleteTenantRequest(tenant_id=narrow.tenant, confirm_display_name="Read only")
    return [
        Case("a person for an archived workspace", create(archived, archived.na), STATE, "WORKSPACE_ARCHIVED"),
        Case("a person for a suspended tenant", create(suspended, suspended.na), STATE, "TENANT_SUSPENDED"),
        Case(
            "a person for a read-only partition",
            create(narrow, narrow.emea, narrow.partners),
            STATE,
            "PARTITION_READ_ONLY",
        ),
        Case(
            "a name not repeated",
            lambda: refused(narrow.operator.tenants.DeleteTenant, delete),
            "INVALID_ARGUMENT",
            "CONFIRMATION_MISMATCH",
            "confirm_display_name",
        ),
        Case(
            "a chunk too early", bring(people.ImportChunk(first_row=5, people=ada)), STATE, "IMPORT_CHUNK_OUT_OF_ORDER"
        ),
        Case(
            "a chunk that has changed",
            bring(people.ImportChunk(first_row=0, people=ada), people.ImportChunk(first_row=0, people=eve)),
            "INVALID_ARGUMENT",
            "IMPORT_CHANGED",
            "chunk",
        ),
    ]
