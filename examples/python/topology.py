"""A company: three workspaces over three partitions, and the fields that it keeps of its people."""

from dataclasses import dataclass

import grpc
from precinct.v1 import field_service_pb2 as fields
from precinct.v1 import partition_service_pb2 as partitions
from precinct.v1 import tenant_service_pb2 as tenants
from precinct.v1 import workspace_service_pb2 as workspaces

from client import Client

OPERATOR = "platform:ops"
ADMIN = "user:ann"
FIELDS = {
    "job_title": fields.FIELD_TYPE_TEXT,
    "age": fields.FIELD_TYPE_INTEGER,
    "score": fields.FIELD_TYPE_NUMBER,
    "vip": fields.FIELD_TYPE_BOOLEAN,
    "birthday": fields.FIELD_TYPE_DATE,
    "last_seen": fields.FIELD_TYPE_TIMESTAMP,
}


@dataclass(frozen=True)
class Company:
    """Ids by name, and clients of those who call."""

    operator: Client
    admin: Client
    tenant: str
    emea: str
    na: str
    everywhere: str
    default_workspace: str
    europe: str
    america: str
    partners: str
    default_partition: str


def found(channel: grpc.Channel, name: str) -> Company:
    """Founds a company.

    NA ──── North America        one workspace, one partition
    EMEA ─┬ Europe               one workspace, two partitions
          └ Partners ┐
    Global ──────────┘           one partition, two workspaces; Global sees all the others besides
    """
    operator = Client(channel, principal=OPERATOR)
    request = tenants.CreateTenantRequest(tenant=tenants.Tenant(display_name=name), owner=ADMIN)
    made = operator.tenants.CreateTenant(request)
    admin = Client(channel, principal=ADMIN, tenant=made.tenant.tenant_id)
    europe, america, partners = (_partition(admin, one) for one in ("Europe", "North America", "Partners"))
    for field, kind in FIELDS.items():
        admin.fields.CreateField(fields.CreateFieldRequest(field=fields.Field(name=field, type=kind)))
    return Company(
        operator=operator,
        admin=admin,
        tenant=made.tenant.tenant_id,
        emea=_workspace(admin, "EMEA", [europe, partners]),
        na=_workspace(admin, "NA", [america]),
        everywhere=_workspace(admin, "Global", [partners], all_partitions=True),
        default_workspace=made.default_workspace_id,
        europe=europe,
        america=america,
        partners=partners,
        default_partition=made.default_partition_id,
    )


def _partition(admin: Client, name: str) -> str:
    request = partitions.CreatePartitionRequest(partition=partitions.Partition(display_name=name))
    return admin.partitions.CreatePartition(request).partition.partition_id


def _workspace(admin: Client, name: str, bound: list[str], all_partitions: bool = False) -> str:
    """A workspace. Its new people land in the first of its partitions; if it sees all, in the Default one."""
    request = workspaces.CreateWorkspaceRequest(
        workspace=workspaces.Workspace(display_name=name, all_partitions=all_partitions),
        partition_ids=bound,
        primary_partition_id="" if all_partitions else bound[0],
    )
    return admin.workspaces.CreateWorkspace(request).workspace.workspace_id
