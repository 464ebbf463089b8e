"""Model fields that Django does not bring: multiranges, encrypted text, what a person is told."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from psycopg.types.multirange import Int8Multirange, Multirange
from psycopg.types.range import Range

from tgadmin.lib import crypto
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import Told

if TYPE_CHECKING:
    _RangesBase = models.Field[Any, Any]
    _TextBase = models.BinaryField[Any, Any]
    _ToldBase = models.Field[Told | str, Told]
else:  # Django's fields are generic for the type checker alone
    _RangesBase = models.Field
    _TextBase = models.BinaryField
    _ToldBase = models.JSONField


def to_multirange(ranges: IdRanges) -> Int8Multirange:
    """As psycopg sends it: half-open, as PostgreSQL's canonical form of integer ranges."""
    return Int8Multirange([Range(low, high + 1) for low, high in ranges.pairs])


def from_multirange(value: Multirange[int]) -> IdRanges:
    """From what psycopg loads; the bounds of a stored multirange are finite by construction."""
    return IdRanges(tuple((r.lower or 0, (r.upper or 0) - 1) for r in value))


class IdRangesField(_RangesBase):
    """`int8multirange` as `IdRanges`."""

    description = "A set of message ids"

    def db_type(self, connection: Any) -> str:  # noqa: ARG002, Django's signature
        return "int8multirange"

    def from_db_value(self, value: Any, *_: Any) -> IdRanges | None:
        return None if value is None else from_multirange(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002, Django's signature
        return to_multirange(value) if isinstance(value, IdRanges) else value

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class _Sealed(bytes):
    """As it lies in the database."""


class _Unsealing(DeferredAttribute):
    """Decrypts when somebody asks: whoever shows a row never does."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = crypto.decrypt(value)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(_TextBase):
    """Text that is encrypted at rest (Fernet). It cannot be searched or compared in SQL, and only a
    model's attribute decrypts it: `values()` gives what lies in the database.
    """

    description = "Encrypted text"
    descriptor_class = _Unsealing

    def from_db_value(self, value: Any, *_: Any) -> _Sealed | None:
        return None if value is None else _Sealed(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002, Django's signature
        if isinstance(value, str):
            value = crypto.encrypt(value)
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002, Django's signature
        """Never in a dump or a form."""
        return ""


class ToldField(_ToldBase):
    """Sentences with their values (`Told`), as jsonb; `str()` of what is read says them in the
    language that is active. Text is taken for one sentence without values.
    """

    description = "What a person is told"

    def __init__(self, **options: Any) -> None:
        options.setdefault("default", Told)
        options.setdefault("blank", True)
        options.setdefault("editable", False)  # no form makes sentences
        super().__init__(**options)

    def from_db_value(self, value: Any, *_: Any) -> Told | None:
        return None if value is None else Told.from_json(json.loads(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002, Django's signature
        if isinstance(value, str):
            value = Told.of([value], {})
        if isinstance(value, Told):
            value = value.as_json()
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return Told.of([value], {})
        return Told.from_json(value) if isinstance(value, list) else value

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj).as_json()
