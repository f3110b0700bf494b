"""Made-up people as the rows of a file, the same ones each time, and what must become of them."""

import csv
import functools
import random
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Names of many scripts, some in decomposed form, some like what a spreadsheet takes for a formula.
FIRST = """
Ada Zoë Łukasz Søren Björk Ngọc José Anaïs Gülşen Þóra Siobhán Ivana Алексей Наталія Ђорђе Αθηνά Γιώργος
أحمد فاطمة יעל נועם अनीता राहुल สมชาย มาลี 伟 秀英 さくら 健太 민준 서연 Mary‑Jane Jean-Luc Ana🎈 👩🏽‍🚀Mae Zoe\u0308 =Eve +Max
""".split()
LAST = [
    *"Lovelace Müller Škvorecký Østergård Nguyễn Núñez Çelik Ó’Brien O'Neill Иванов Шевченко Παπαδόπουλος".split(),
    *"الحسيني כהן शर्मा วงศ์สวัสดิ์ 王 佐藤 김 de\u0301 -Dash @Home".split(),
    "van der Berg",
    "'t Hooft",
    "Smith, Jr.",
    'The "Duke"',
    "Ng; Lee",
]
TITLES = ["", "", "Engineer", "Directrice générale", "Ведущий инженер", "部长", "=SUM(A1)", "-", "100%"]
COLUMNS = """
email external_id first_name last_name unsubscribed job_title age score vip birthday last_seen
""".split()
BUILT_IN = COLUMNS[:5]

INVALID = "INVALID_FIELD"
# Cells that no row may have, with the column at fault. The first are found by the client, the others by the service.
BAD_CELLS = [
    ("birthday", "2023-02-29"),
    ("age", "forty"),
    ("vip", "perhaps"),
    ("email", "nobody"),
    ("email", "two@at@example.com"),
    ("email", "mıke@example.com"),
    ("first_name", "x" * 256),
    ("last_name", "한" * 256),
    ("first_name", "bell\u0007"),
    ("last_name", "line\nbreak"),
    ("job_title", "escape\u001b"),
]


@dataclass
class Row:
    cells: dict[str, str]
    bad: str = ""
    """The column that makes the row bad."""
    plain: bool = True
    """Neither bad nor with somebody else's id."""


@dataclass
class Person:
    email: str = ""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    unsubscribed: bool = False
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Reject:
    """A line of the file of rejects, but for the message."""

    row: int
    line: int
    column: str
    reason: str


def rows(region: str, count: int, known_elsewhere: list[str]) -> list[Row]:
    """The rows of a file. Some repeat people of the file, some have an email of `known_elsewhere`, some are bad."""
    dice = random.Random(region)
    made: list[Row] = []
    for number in range(count):
        cells = _cells(dice, region, number)
        row = Row(cells)
        lot, earlier = dice.random(), made[dice.randrange(number)] if number else row
        if lot < 0.010 and earlier.plain:
            _repeat(dice, cells, earlier.cells)
        elif lot < 0.015 and known_elsewhere:
            cells["email"] = dice.choice(known_elsewhere)
        elif lot < 0.020:
            row.plain = False
            row.bad, bad = dice.choice(BAD_CELLS)
            cells[row.bad] = bad
        elif lot < 0.021 and earlier.plain:
            row.plain = False
            cells["external_id"] = earlier.cells["external_id"]
        elif lot < 0.030:
            cells["email"] = ""
        made.append(row)
    return made


def _cells(dice: random.Random, region: str, number: int) -> dict[str, str]:
    domain = dice.choice(["example.com", "example.org", "bücher.example", "mail.example.net"])
    day = f"{dice.randint(1930, 2010)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    moment = f"2026-01-{dice.randint(1, 31):02}T{dice.randint(0, 23):02}:30:00Z"
    return {
        "email": f"{region}.{number}@{domain}",
        "external_id": f"{region}-{number}",
        "first_name": dice.choice(FIRST),
        "last_name": dice.choice(LAST),
        "unsubscribed": dice.choice(["", "", "", "", "true", "false"]),
        "job_title": dice.choice(TITLES),
        "age": dice.choice(["", str(dice.randint(16, 99))]),
        "score": dice.choice(["", f"{dice.randint(-999, 999) / 8}"]),
        "vip": dice.choice(["", "", "yes", "no"]),
        "birthday": dice.choice(["", day]),
        "last_seen": dice.choice(["", moment]),
    }


def _repeat(dice: random.Random, cells: dict[str, str], earlier: dict[str, str]) -> None:
    """The same person once more: the email in another spelling, no id, some new values."""
    local, at, domain = earlier["email"].partition("@")
    spelling = dice.choice([local, local.upper(), local.title()])
    cells["email"] = f"{spelling}{at}{domain.replace('bücher', 'xn--bcher-kva')}" if at else ""
    cells["external_id"] = ""


def write(path: Path, table: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells for row in table)


def email_key(email: str) -> str:
    """What emails are compared by."""
    local, at, domain = email.lower().partition("@")
    return f"{local}{at}{_domain_key(domain)}"


@functools.cache
def _domain_key(domain: str) -> str:
    return domain.encode("idna").decode()


def settle(table: Iterable[Row], elsewhere: set[str]) -> tuple[list[Person], list[Reject]]:
    """What must become of the rows of a file, `elsewhere` being the email keys that another partition holds."""
    by_email: dict[str, Person] = {}
    taken: set[str] = set()
    people: list[Person] = []
    rejects: list[Reject] = []
    line = 2
    for number, row in enumerate(table, 1):
        key = "" if row.bad else email_key(row.cells["email"])
        if row.bad:
            rejects.append(Reject(number, line, row.bad, INVALID))
        elif key in elsewhere:
            rejects.append(Reject(number, line, "", "DUPLICATE_IN_OTHER_PARTITION"))
        elif key and key in by_email:
            _overlay(by_email[key], row.cells)
        elif row.cells["external_id"] in taken:
            rejects.append(Reject(number, line, "", "DUPLICATE_IN_PARTITION"))
        else:
            person = Person()
            _overlay(person, row.cells)
            people.append(person)
            taken.update(filter(None, [person.external_id]))
            by_email.update({key: person} if key else {})
        line += 1 + sum(cell.count("\n") for cell in row.cells.values())
    return people, rejects


def _overlay(person: Person, cells: dict[str, str]) -> None:
    """Lays the cells that say something over a person. "false" never takes an unsubscription back."""
    for name in ("email", "external_id", "first_name", "last_name"):
        if cells[name]:
            setattr(person, name, unicodedata.normalize("NFC", cells[name]))
    person.unsubscribed |= cells["unsubscribed"] == "true"
    for name, value in _typed(cells):
        person.attributes[name] = value


def _typed(cells: dict[str, str]) -> Iterator[tuple[str, object]]:
    for name in COLUMNS:
        cell = cells[name]
        if name in BUILT_IN or not cell:
            continue
        match name:
            case "age":
                yield name, int(cell)
            case "score":
                yield name, float(cell)
            case "vip":
                yield name, cell == "yes"
            case _:
                yield name, cell
