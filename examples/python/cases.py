"""A bad request, and how it must be refused."""

from collections.abc import Callable
from dataclasses import dataclass

from client import Refusal

NOBODY = "01970000-0000-7000-8000-000000000000"
"""An id that nobody has."""
BAD = ("INVALID_ARGUMENT", "INVALID_FIELD")
STATE = "FAILED_PRECONDITION"


@dataclass(frozen=True)
class Case:
    """A call, and how it must be refused."""

    title: str
    call: Callable[[], Refusal]
    code: str
    reason: str
    fields: str = ""
    """The fields at fault, if the request is."""
