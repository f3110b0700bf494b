"""Bad requests about workspaces, partitions, bindings and fields."""

from collections.abc import Callable
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from precinct.v1 import field_service_pb2 as fields
from precinct.v1 import partition_service_pb2 as partitions
from precinct.v1 import workspace_service_pb2 as workspaces

from cases import BAD, NOBODY, STATE, Case
from client import Refusal, refused
from topology import Company


def of_topology(company: Company) -> list[Case]:
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
    return [
        Case("no name", create(" ", company.europe), *BAD, "workspace.display_name"),
        Case(
            "NUL in a description",
            create("APAC", company.europe, description="x\0"),
            *BAD,
            "workspace.description",
        ),
        Case("a name in other case", create("emea", company.europe), "ALREADY_EXISTS", "NAME_TAKEN"),
        Case("a workspace of 10 MB", create("x" * 10_000_000), "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
        Case("no partition", create("APAC"), "INVALID_ARGUMENT", "NO_PARTITION", "partition_ids"),
        Case(
            "two partitions and no primary",
            create("APAC", company.europe, company.america),
            STATE,
            "PRIMARY_PARTITION_REQUIRED",
        ),
        Case("an unknown partition", create("APAC", NOBODY), "NOT_FOUND", "PARTITION_NOT_FOUND"),
        Case(
            "a region that cannot change",
            lambda: refused(spaces.UpdateWorkspace, change),
            "INVALID_ARGUMENT",
            "IMMUTABLE_FIELD",
            "region",
        ),
        Case(
            "the Default workspace archived",
            lambda: refused(spaces.ArchiveWorkspace, archive),
            STATE,
            "DEFAULT_WORKSPACE",
        ),
        Case("a partition's name that is taken", partition("EUROPE"), "ALREADY_EXISTS", "NAME_TAKEN"),
        Case("the Default partition deleted", delete(company.default_partition), STATE, "PARTITION_IS_DEFAULT"),
        Case("a partition with people deleted", delete(company.partners), STATE, "PARTITION_NOT_EMPTY"),
        Case("a primary partition deleted", delete(company.america), STATE, "PARTITION_IS_PRIMARY"),
        Case(
            "the last partition unbound",
            unbind(company.na, company.america),
            "INVALID_ARGUMENT",
            "NO_PARTITION",
            "partition_id",
        ),
        Case("the primary unbound", unbind(company.emea, company.europe), STATE, "PRIMARY_PARTITION_REQUIRED"),
        Case("what is not bound unbound", unbind(company.emea, company.america), "NOT_FOUND", "BINDING_NOT_FOUND"),
    ]


def of_fields(company: Company) -> list[Case]:
    call = company.admin.fields

    def create(name: str, kind: fields.FieldType) -> Callable[[], Refusal]:
        request = fields.CreateFieldRequest(field=fields.Field(name=name, type=kind))
        return lambda: refused(call.CreateField, request)

    email = next(one for one in call.ListFields(fields.ListFieldsRequest()).fields if one.name == "email")
    delete = fields.DeleteFieldRequest(field_id=email.field_id)
    taken, text = ("ALREADY_EXISTS", "NAME_TAKEN"), fields.FIELD_TYPE_TEXT
    return [
        Case("a field with a bad name", create("Shoe size", text), *BAD, "field.name"),
        Case("a field without a type", create("shoe_size", fields.FIELD_TYPE_UNSPECIFIED), *BAD, "field.type"),
        Case("a field that is there", create("age", text), *taken),
        Case("a field named like a built-in one", create("email", text), *taken),
        Case(
            "a built-in field deleted",
            lambda: refused(call.DeleteField, delete),
            "FAILED_PRECONDITION",
            "BUILT_IN_FIELD",
        ),
        Case(
            "an unknown field",
            lambda: refused(call.GetField, fields.GetFieldRequest(field_id=NOBODY)),
            "NOT_FOUND",
            "FIELD_NOT_FOUND",
        ),
    ]
