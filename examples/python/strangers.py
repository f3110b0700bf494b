"""Calls every rpc that a server describes, as somebody whom it does not know."""

from collections.abc import Iterator

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from client import refusal


def rpcs(channel: grpc.Channel) -> Iterator[tuple[str, str]]:
    """The services, and the paths of their rpcs, found by reflection."""
    described = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(described)
    for service in sorted(described.get_services()):
        for method in pool.FindServiceByName(service).methods:
            yield service, f"/{service}/{method.name}"


def answer(channel: grpc.Channel, path: str, metadata: list[tuple[str, str]]) -> str:
    """Whether an rpc answers an empty request, and if not, why."""
    call = channel.unary_stream(path)(b"", metadata=metadata, timeout=20)
    try:
        next(call, None)
    except grpc.RpcError as error:
        # Whoever is told what is wrong with an empty request has been let in.
        if error.code() == grpc.StatusCode.UNAUTHENTICATED:  # type: ignore[attr-defined]
            return str(refusal(error))
    finally:
        call.cancel()
    return "answers"
