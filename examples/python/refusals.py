"""Bad requests of every kind, and how each is refused: the same on every database."""

import grpc

import refusals_context
import refusals_people
import refusals_topology
from checks import check, equal
from topology import Company

# Keys of the metadata that a refusal has only where there is such a thing.
OPTIONAL = {"workspace_id", "limit"}


def check_all(company: Company, address: str, documented: dict[str, set[str]]) -> int:
    """Checks every case; returns how many there are. `documented` has the keys of the metadata by reason."""
    channel = grpc.insecure_channel(address)
    cases = [
        *refusals_people.of_people(company),
        *refusals_people.of_lists(company),
        *refusals_topology.of_topology(company),
        *refusals_topology.of_fields(company),
        *refusals_context.of_callers(company, channel),
        *refusals_context.of_states(company, channel),
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
