"""Duplicates, moves, repeats and what is out of sight: the rules that a company relies on."""

import uuid

from google.protobuf.field_mask_pb2 import FieldMask
from precinct.v1 import person_service_pb2 as people
from precinct.v1 import tenant_service_pb2 as tenants

from checks import check, count, equal
from client import refused
from topology import Company

ELSEWHERE = "DUPLICATE_IN_OTHER_PARTITION"
MOVED = 100


def duplicates(company: Company, european: people.Person) -> None:
    """One email in two partitions: refused under REJECT, taken under ALLOW, and REJECT is back only without them."""
    create = company.admin.people.CreatePerson

    def twin(workspace: str) -> people.CreatePersonRequest:
        person = people.Person(email=european.email.upper(), first_name="Twin")
        return people.CreatePersonRequest(workspace_id=workspace, partition_id=company.america, person=person)

    unseen, seen = refused(create, twin(company.na)), refused(create, twin(company.everywhere))
    equal((unseen.code, unseen.reason), ("ALREADY_EXISTS", ELSEWHERE), "a duplicate out of sight")
    equal((seen.code, seen.reason), ("ALREADY_EXISTS", ELSEWHERE), "a duplicate in sight")
    check(not {"person_id", "partition_id"} & set(unseen.metadata), f"NA is told about Europe: {unseen.metadata}")
    equal(seen.metadata.get("person_id"), european.person_id, "the duplicate named to Global")
    equal(seen.metadata.get("partition_id"), company.europe, "its partition")

    _set_policy(company, tenants.DUPLICATE_POLICY_ALLOW)
    made = create(twin(company.na)).person
    equal(made.unsubscribed, european.unsubscribed, "consent goes by the email, whatever the partition")
    for workspace, visible, hidden in [(company.everywhere, 2, 0), (company.na, 1, 1)]:
        request = people.FindDuplicatesRequest(workspace_id=workspace)
        groups = company.admin.people.FindDuplicates(request).groups
        equal([(len(one.people), one.hidden_count) for one in groups], [(visible, hidden)], "duplicates")

    conflict = refused(_set_policy_call(company), _policy(company, tenants.DUPLICATE_POLICY_REJECT))
    equal(conflict.reason, "SETTING_CONFLICTS_WITH_DATA", "REJECT while a duplicate stands")
    equal(conflict.metadata.get("conflicts"), "1", "the number of duplicates")
    company.admin.people.DeletePerson(people.DeletePersonRequest(workspace_id=company.na, person_id=made.person_id))
    _set_policy(company, tenants.DUPLICATE_POLICY_REJECT)


def _policy(company: Company, policy: "tenants.DuplicatePolicy") -> tenants.UpdateTenantRequest:
    settings = tenants.TenantSettings(duplicate_policy=policy)
    return tenants.UpdateTenantRequest(
        tenant=tenants.Tenant(tenant_id=company.tenant, settings=settings),
        update_mask=FieldMask(paths=["settings.duplicate_policy"]),
    )


def _set_policy_call(company: Company):
    return company.admin.tenants.UpdateTenant


def _set_policy(company: Company, policy: "tenants.DuplicatePolicy") -> None:
    answer = _set_policy_call(company)(_policy(company, policy))
    equal(answer.tenant.settings.duplicate_policy, policy, "the policy")


def moves(company: Company, europeans: list[str]) -> None:
    """People go from Europe to North America: EMEA no longer sees them, NA does; doing it again does nothing."""
    going = europeans[:MOVED]
    before = count(company.admin, company.emea), count(company.admin, company.na)
    request = people.MovePeopleRequest(
        workspace_id=company.everywhere,
        person_ids=going,
        target_partition_id=company.america,
        reason="They have emigrated.",
    )
    answer = company.admin.people.MovePeople(request)
    for one in answer.results:
        equal((one.status, one.from_partition_id), (people.MOVE_STATUS_MOVED, company.europe), "a move")
    equal([one.person_id for one in answer.results], going, "the results in order")
    after = count(company.admin, company.emea), count(company.admin, company.na)
    equal(after, (before[0] - MOVED, before[1] + MOVED), "people in EMEA and in NA after the move")
    for person in going[:5]:
        get = people.GetPersonRequest(workspace_id=company.na, person_id=person)
        equal(company.admin.people.GetPerson(get).person.partition_id, company.america, "where NA sees them")
        get.workspace_id = company.emea
        equal(refused(company.admin.people.GetPerson, get).reason, "PERSON_NOT_FOUND", "EMEA no longer")
    again = company.admin.people.MovePeople(request)
    equal({one.status for one in again.results}, {people.MOVE_STATUS_UNCHANGED}, "the move repeated")
    equal(again.revision, answer.revision, "the revision after nothing was done")


def repeats(company: Company) -> None:
    """A request_id makes a repeat safe: the first answer comes again and nothing is done again."""
    person = people.Person(email="once@example.net", first_name="Once")
    request = people.CreatePersonRequest(workspace_id=company.emea, person=person, request_id=str(uuid.uuid4()))
    create = company.admin.people.CreatePerson
    first, before = create(request), count(company.admin, company.emea)
    second = create(request)
    equal(second, first, "the answer repeated, its revision too")
    equal(count(company.admin, company.emea), before, "people after the repeat")
    request.person.first_name = "Twice"
    other = refused(create, request)
    equal((other.code, other.reason), ("INVALID_ARGUMENT", "REQUEST_ID_REUSED"), "another body")
    company.admin.people.DeletePerson(
        people.DeletePersonRequest(workspace_id=company.emea, person_id=first.person.person_id)
    )


def out_of_sight(company: Company, european: str) -> None:
    """Somebody whom a workspace does not see looks exactly as somebody who never was."""
    get = company.admin.people.GetPerson
    hidden, unknown = (
        refused(get, people.GetPersonRequest(workspace_id=company.na, person_id=person))
        for person in (european, str(uuid.uuid4()))
    )
    for one in (hidden, unknown):
        equal((one.code, one.reason), ("NOT_FOUND", "PERSON_NOT_FOUND"), "out of sight")
    equal(hidden.message, unknown.message, "the message")
    equal(hidden.metadata.keys(), unknown.metadata.keys(), "the metadata")
