"""A walk through Precinct: a company is founded, its people come in while things break, and every rule is looked at.

It starts the service itself; `examples/python/run` runs it on both databases."""

import argparse
import itertools
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from precinct.v1 import person_service_pb2 as people
from precinct.v1 import system_service_pb2 as system

import made_up
import readme_commands
import refusals
import rules
from checks import check, equal, exported_by_command, exports, shows, walk
from client import Client, connect
from imports import Import
from service import Service
from topology import ADMIN, Company, found

ROOT = Path(__file__).resolve().parents[2]
SYNCED = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / "target/debug/precinct")
    parser.add_argument("--people", type=int, default=20_000, help="how many rows to generate")
    parser.add_argument("--verbose", action="store_true", help="say each step")
    parser.add_argument("database_url")
    parser.add_argument("flags", nargs="*", help="more flags for `precinct serve`")
    arguments = parser.parse_args()
    service = Service(arguments.binary, arguments.database_url, arguments.flags)
    try:
        service.start()
        print(Walk(service, arguments.people, arguments.verbose).all())
        service.stop()
    except BaseException as error:
        print(service.last_words(), file=sys.stderr)
        if isinstance(error, AssertionError):
            sys.exit(f"walkthrough: {error}")
        raise
    finally:
        if service.process:
            service.process.kill()


class Walk:
    def __init__(self, service: Service, rows: int, verbose: bool) -> None:
        self.service = service
        self.rows = rows
        self.verbose = verbose
        self.begun = time.monotonic()

    def step(self, text: str) -> None:
        if self.verbose:
            print(f"{time.monotonic() - self.begun:6.1f} s  {text}", file=sys.stderr)

    def all(self) -> str:
        with connect(self.service.address) as channel, tempfile.TemporaryDirectory() as folder:
            self.step("what runs here")
            database = self.server(channel)
            company = found(channel, "Acme")
            imported, rejected = self.imports(company, Path(folder))
            self.step("duplicates, moves, repeats")
            europeans = [one.person_id for one in self.some(company, company.europe)]
            with_email = next(one for one in self.some(company, company.europe) if one.email and one.unsubscribed)
            rules.out_of_sight(company, europeans[0])
            rules.duplicates(company, with_email)
            rules.moves(company, europeans)
            rules.repeats(company)
            self.step("refusals")
            refused = refusals.check_all(company, self.service.address, documented_metadata())
            self.step("the commands of the README")
            readme = ROOT / "README.md"
            commands = readme_commands.run(readme, self.service.address)
            readme_commands.check_configuration(readme, self.service.run("serve", "--help"))
        seconds = time.monotonic() - self.begun
        return (
            f"{database}: {self.rows:,} rows, {imported:,} people imported through a killed server and a killed "
            f"client, {rejected:,} rows rejected as they must be, {refused} refusals, {commands} calls of the README; "
            f"{seconds:.0f} s"
        )

    def server(self, channel) -> str:
        services = set(ProtoReflectionDescriptorDatabase(channel).get_services())
        check({"precinct.v1.PersonService", "grpc.health.v1.Health"} <= services, f"services: {services}")
        operator = Client(channel, principal="platform:ops")
        info = operator.system.GetServerInfo(system.GetServerInfoRequest())
        return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[info.database]

    def imports(self, company: Company, folder: Path) -> tuple[int, int]:
        self.step(f"{self.rows} rows made up")
        european = made_up.rows("emea", self.rows // 2, [])
        europeans, european_rejects = made_up.settle(european, set())
        known = [one.email for one in europeans if one.email]
        american = made_up.rows("na", self.rows // 2, known)
        americans, american_rejects = made_up.settle(american, {made_up.email_key(one) for one in known})
        files = folder / "emea.csv", folder / "na.csv"
        made_up.write(files[0], european)
        made_up.write(files[1], american)

        self.step("EMEA imports; the server is killed")
        first = Import(self.service, company, company.emea, files[0], len(european))
        first.surviving_the_server()
        equal(first.rejects(), european_rejects, "rejects of EMEA")
        self.step("NA imports; the client is killed")
        second = Import(self.service, company, company.na, files[1], len(american))
        second.surviving_the_client()
        equal(second.rejects(), american_rejects, "rejects of NA")

        self.step("partners come by SyncPeople")
        partners = [made_up.Person(email=f"partner.{n}@example.com", first_name="Pat") for n in range(SYNCED)]
        sync(company, partners)

        self.step("what each workspace shows")
        in_emea = shows(company.admin, company.emea, europeans + partners, "EMEA")
        in_na = shows(company.admin, company.na, americans, "NA")
        everybody = shows(company.admin, company.everywhere, europeans + partners + americans, "Global")
        equal(everybody, in_emea | in_na, "Global sees all")
        check(not in_emea & in_na, "somebody is in two partitions")
        self.step("exports")
        exports(company.admin, company.emea, europeans + partners, "the export of EMEA")
        equal(self.exported(company, company.na, folder), in_na, "the ids that `precinct export` wrote")
        return len(europeans) + len(americans), len(european_rejects) + len(american_rejects)

    def exported(self, company: Company, workspace: str, folder: Path) -> set[str]:
        caller = {
            "PRECINCT_ADDRESS": f"http://{self.service.address}",
            "PRECINCT_TENANT": company.tenant,
            "PRECINCT_PRINCIPAL": ADMIN,
        }
        command: list[str | Path] = [self.service.binary, "export", "--workspace", workspace]
        return exported_by_command(command, os.environ | caller, folder / "export.csv")

    def some(self, company: Company, partition: str) -> list[people.Person]:
        """The first people of a partition."""
        return list(itertools.islice(walk(company.admin, company.everywhere, [partition]), 200))


def sync(company: Company, partners: list[made_up.Person]) -> None:
    """Upserts people into a named partition; the second time all is as it was."""
    request = people.SyncPeopleRequest(
        workspace_id=company.emea,
        partition_id=company.partners,
        mode=people.PERSON_WRITE_MODE_CREATE_OR_UPDATE,
        people=[people.Person(email=one.email, first_name=one.first_name) for one in partners],
    )
    for status in (people.PERSON_WRITE_STATUS_CREATED, people.PERSON_WRITE_STATUS_UNCHANGED):
        results = company.admin.people.SyncPeople(request).results
        equal([one.status for one in results], [status] * len(partners), "what SyncPeople did")


def documented_metadata() -> dict[str, set[str]]:
    """The keys of the metadata by reason, as docs/errors.md has them."""
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    entries = re.findall(r"^### (\w+)\n.*?^- Metadata: (.*?)$", page, re.DOTALL | re.MULTILINE)
    return {reason: set(re.findall(r"`(.*?)`", keys)) for reason, keys in entries}


if __name__ == "__main__":
    main()
