"""Calls the services of Precinct: who calls goes into the metadata, why a call was refused comes out of the details."""

import collections
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.longrunning import operations_pb2_grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from precinct.v1 import (
    access_service_pb2_grpc,
    activity_service_pb2_grpc,
    asset_service_pb2_grpc,
    field_service_pb2_grpc,
    folder_service_pb2_grpc,
    list_service_pb2_grpc,
    partition_service_pb2_grpc,
    person_service_pb2_grpc,
    segmentation_service_pb2_grpc,
    sharing_service_pb2_grpc,
    system_service_pb2_grpc,
    tenant_service_pb2_grpc,
    topology_service_pb2_grpc,
    transfer_service_pb2_grpc,
    usage_service_pb2_grpc,
    workspace_service_pb2_grpc,
)

TIMEOUT = 120.0
# A server that was restarted is found again at once.
OPTIONS = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]


def connect(address: str) -> grpc.Channel:
    return grpc.insecure_channel(address, options=OPTIONS)


class Client:
    """The services, as one caller calls them."""

    def __init__(self, channel: grpc.Channel, token: str = "", **headers: str) -> None:
        """The token, of an identity provider or an API key, proves who calls. Where headers are trusted these do, given
        without their prefix: `principal="user:ann", tenant="0192…"`."""
        metadata = [(f"x-precinct-{name.replace('_', '-')}", value) for name, value in headers.items()]
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        self.channel = grpc.intercept_channel(channel, _Context(metadata))
        self.system = system_service_pb2_grpc.SystemServiceStub(self.channel)
        self.tenants = tenant_service_pb2_grpc.TenantServiceStub(self.channel)
        self.workspaces = workspace_service_pb2_grpc.WorkspaceServiceStub(self.channel)
        self.partitions = partition_service_pb2_grpc.PartitionServiceStub(self.channel)
        self.fields = field_service_pb2_grpc.FieldServiceStub(self.channel)
        self.people = person_service_pb2_grpc.PersonServiceStub(self.channel)
        self.folders = folder_service_pb2_grpc.FolderServiceStub(self.channel)
        self.assets = asset_service_pb2_grpc.AssetServiceStub(self.channel)
        self.lists = list_service_pb2_grpc.ListServiceStub(self.channel)
        self.segmentations = segmentation_service_pb2_grpc.SegmentationServiceStub(self.channel)
        self.operations = operations_pb2_grpc.OperationsStub(self.channel)
        self.sharing = sharing_service_pb2_grpc.SharingServiceStub(self.channel)
        self.access = access_service_pb2_grpc.AccessServiceStub(self.channel)
        self.activity = activity_service_pb2_grpc.ActivityServiceStub(self.channel)
        self.topology = topology_service_pb2_grpc.TopologyServiceStub(self.channel)
        self.transfers = transfer_service_pb2_grpc.TransferServiceStub(self.channel)
        self.usage = usage_service_pb2_grpc.UsageServiceStub(self.channel)


class _Context(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Puts the caller's headers, and a deadline, into every call."""

    def __init__(self, metadata: list[tuple[str, str]]) -> None:
        self.metadata = metadata

    def _call(self, send: Any, details: Any, request: Any) -> Any:
        metadata = [*(details.metadata or []), *self.metadata]
        timeout = TIMEOUT if details.timeout is None else details.timeout
        return send(_Details(details.method, timeout, metadata, details.credentials, None, None), request)

    intercept_unary_unary = intercept_unary_stream = intercept_stream_stream = _call  # type: ignore[assignment]


class _Details(
    collections.namedtuple("_Details", "method timeout metadata credentials wait_for_ready compression"),
    grpc.ClientCallDetails,
):
    pass


@dataclass(frozen=True)
class Refusal:
    """Why a call was refused. Programs decide by `reason`; `message` is for people."""

    code: str
    reason: str
    domain: str = "precinct"
    message: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    """The fields of the request that are at fault."""
    offenders: tuple[tuple[str, str], ...] = ()
    """What is in the way, where there can be several: the id of each, and what is the matter with it."""
    request_id: str = ""
    """What to quote when you report it."""

    def __str__(self) -> str:
        return f"{self.code} / {self.reason}: {self.message}"


def refusal(error: Any) -> Refusal:
    """Reads the google.rpc details of an error."""
    code, message, reason, domain, request_id = error.code().name, error.details() or "", "", "", ""
    metadata: dict[str, str] = {}
    fields: list[str] = []
    offenders: list[tuple[str, str]] = []
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.RequestInfo()
        bad, failed = error_details_pb2.BadRequest(), error_details_pb2.PreconditionFailure()
        if detail.Unpack(info):
            reason, domain, metadata = info.reason, info.domain, dict(info.metadata)
        elif detail.Unpack(bad):
            fields = [violation.field for violation in bad.field_violations]
        elif detail.Unpack(failed):
            offenders = [(violation.subject, violation.description) for violation in failed.violations]
        elif detail.Unpack(request):
            request_id = request.request_id
    return Refusal(code, reason, domain, message, metadata, tuple(fields), tuple(offenders), request_id)


def refused(call: Any, request: Any, **options: Any) -> Refusal:
    """The refusal of a call that must be refused."""
    try:
        answer = call(request, **options)
        # The answers of a stream come when they are read.
        if isinstance(answer, grpc.Call):
            collections.deque(answer, maxlen=0)  # type: ignore[call-overload]
    except grpc.RpcError as error:
        return refusal(error)
    raise AssertionError(f"{type(request).__name__} was not refused")
