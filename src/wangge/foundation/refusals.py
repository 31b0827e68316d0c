"""The one family of errors that people read: an act was asked for and is refused."""

from __future__ import annotations

from django.utils.functional import Promise


class Refusal(Exception):
    """An act refused, in words for the person who asked.

    `code` is stable and for programs, `message` is a translated sentence that says what is wrong and
    how to mend it, `field` names the form field at fault, if one is. Nothing was written when a
    refusal is raised inside an act's transaction.
    """

    def __init__(self, code: str, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
