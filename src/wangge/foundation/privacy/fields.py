"""A column whose text is sealed in the database and does not show itself in Python either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from wangge.foundation.privacy.sealing import seal, unseal

HIDDEN = "•••"


class SealedText:
    """A text that shows as dots wherever it is printed, logged or put into a page; `unseal()` reads it.

    It is sealed or unsealed only when asked, so a list of rows costs no decryption.
    """

    __slots__ = ("_purpose", "_sealed", "_text")

    def __init__(self, purpose: str, *, text: str | None = None, sealed: bytes | None = None) -> None:
        self._purpose = purpose
        self._text = text
        self._sealed = sealed

    def unseal(self) -> str:
        """The text. Raises UnableToUnseal if it was tampered with."""
        if self._text is not None:
            return self._text
        return unseal(self._sealed, self._purpose) if self._sealed else ""

    def sealed(self) -> bytes:
        """What the database holds: empty for an empty text."""
        if self._sealed is None:
            self._sealed = seal(self._text, self._purpose) if self._text else b""
        return self._sealed

    def afresh(self) -> SealedText:
        """The same text, to be sealed with the key that is current now."""
        return SealedText(self._purpose, text=self.unseal())

    def __bool__(self) -> bool:
        return bool(self._text if self._text is not None else self._sealed)

    def __str__(self) -> str:
        return HIDDEN if self else ""

    def __repr__(self) -> str:
        return f"<sealed {self._purpose}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._purpose, self.sealed())


def _restored(purpose: str, sealed: bytes) -> SealedText:
    return SealedText(purpose, sealed=sealed)


class _SealingAttribute(DeferredAttribute):
    """Wraps a text at the moment it is assigned, so that no plain one waits on the instance."""

    field: SealedTextField

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


if TYPE_CHECKING:
    _TextField = models.Field[str | SealedText, SealedText]
else:
    _TextField = models.Field


class SealedTextField(_TextField):
    """Assign a `str`, get a `SealedText`. Cannot be searched or ordered by; keep an index beside it.

    An empty text is stored as empty bytes: that nothing is there is no secret. `purpose` is what the
    sealed bytes are bound to; without one it is "app.model.field". It must stay the same for as long
    as the column holds data, so a field that is renamed keeps it.
    """

    descriptor_class = _SealingAttribute
    empty_values = [None, b"", ""]

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self._chosen_purpose = purpose
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    @property
    def purpose(self) -> str:
        return self._chosen_purpose or f"{self.model._meta.label_lower}.{self.name}"

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self._chosen_purpose:
            kwargs["purpose"] = self._chosen_purpose
        return name, path, list(args), dict(kwargs)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def to_python(self, value: object) -> SealedText:
        if isinstance(value, SealedText):
            return value
        if value is None or isinstance(value, str):
            return SealedText(self.purpose, text=value or "")
        raise TypeError(f"{self.purpose} takes a text, not a {type(value).__name__}.")

    def from_db_value(self, value: object, expression: object, connection: object) -> SealedText:
        return SealedText(self.purpose, sealed=bytes(value) if value else b"")  # type: ignore[call-overload]

    def get_prep_value(self, value: Any) -> bytes:
        return self.to_python(value).sealed()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return connection.Database.Binary(value if prepared else self.get_prep_value(value))

    def get_default(self) -> SealedText:
        return SealedText(self.purpose, text="")

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(
            f"{self.name} is sealed and cannot be searched ({lookup_name}). Keep an index beside it "
            "(sealing.index_of) and look for sealing.possible_indexes."
        )

    def get_transform(self, lookup_name: str) -> Any:
        return self.get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(
            f"{self.purpose} is sealed and is not dumped; back up the database and the keys instead."
        )
