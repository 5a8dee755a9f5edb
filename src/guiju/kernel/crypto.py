"""
Encryption of personal data at rest, and keyed indexes over it.

A stored value is one byte that names the key, twelve random bytes, and the AES-256-GCM ciphertext with its tag. The
place (table and column) is bound in, so a value copied elsewhere does not decrypt. Keys come from
``settings.GUIJU_DATA_KEYS``: the first encrypts, all decrypt, the last (the oldest) keys the blind indexes. To
rotate, put a new key in front; values are read with the old one until they are written again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """The value was written with a key that is not configured, for another place, or was tampered with."""


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"guiju", info=purpose.encode()).derive(secret.encode())


def _secrets() -> tuple[str, ...]:
    keys = tuple(key.strip() for key in getattr(settings, "GUIJU_DATA_KEYS", ()) if key.strip())
    if not keys:
        raise ImproperlyConfigured("GUIJU_DATA_KEYS is empty: personal data cannot be stored without a key.")
    return keys


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[str, ...]) -> tuple[tuple[int, AESGCM], ...]:
    """Return (key id, cipher) per key. The id is a byte of a digest; keys that share one are tried in turn."""
    return tuple((_derived(key, "key id")[0], AESGCM(_derived(key, "encrypt"))) for key in keys)


@lru_cache(maxsize=8)
def _index_key(oldest: str) -> bytes:
    return _derived(oldest, "blind index")


def encrypt(text: str, place: str) -> bytes:
    """Return the text encrypted for a place (``table.column``)."""
    key_id, cipher = _ciphers(_secrets())[0]
    nonce = os.urandom(NONCE_BYTES)
    return bytes([key_id]) + nonce + cipher.encrypt(nonce, text.encode(), place.encode())


def decrypt(stored: bytes, place: str) -> str:
    """
    Return the text that was encrypted for this place.

    :raises CannotDecrypt: no configured key fits, or the value belongs elsewhere or was changed.
    """
    nonce, sealed = stored[1 : NONCE_BYTES + 1], stored[NONCE_BYTES + 1 :]
    for key_id, cipher in _ciphers(_secrets()):
        if stored[:1] == bytes([key_id]):
            try:
                return cipher.decrypt(nonce, sealed, place.encode()).decode()
            except (InvalidTag, ValueError):
                continue
    raise CannotDecrypt(f"A value of {place} cannot be decrypted with the configured keys.")


def file_keys(salt: bytes) -> list[tuple[int, bytes]]:
    """Return (key id, AES-256 key) for a file of this salt, per configured key; the first is for writing."""
    return [
        (
            _derived(secret, "key id")[0],
            HKDF(SHA256(), 32, salt=salt, info=b"guiju attachment").derive(secret.encode()),
        )
        for secret in _secrets()
    ]


# --- keyed indexes ---------------------------------------------------------------------------------------------------
_NO_NUMBER = re.compile(r"[^0-9+]")
_NO_IDENTITY = re.compile(r"[\s\-‐-―－·•.。()]")


def normalise_phone(text: str) -> str:
    """
    Return a phone number as digits: full width, blanks, dashes, +86 and an extension are taken away.

    Mobile numbers have eleven digits, fixed lines keep their area code with its 0; foreign numbers keep ``+``.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.split(r"转|分机|ext\.?|x", plain, maxsplit=1, flags=re.IGNORECASE)[0]
    number = _NO_NUMBER.sub("", plain)
    if home := re.match(r"\+86|0086", number):
        return _with_area_code(number[home.end() :].replace("+", ""))
    if number.startswith(("+", "00")):
        return "+" + number.lstrip("+0").replace("+", "")
    number = number.replace("+", "")
    return number[2:] if re.fullmatch(r"861[3-9]\d{9}", number) else number


def _with_area_code(local: str) -> str:
    """Return a number that followed +86 as it is dialled at home: fixed lines get their 0 back."""
    if re.fullmatch(r"1[3-9]\d{9}|[48]00\d{7}|0\d+", local):
        return local
    return "0" + local if local else ""


def normalise_identity(text: str) -> str:
    """Return an identity number in half-width capitals without blanks, dashes and brackets."""
    return _NO_IDENTITY.sub("", unicodedata.normalize("NFKC", text)).upper()


def normalise_text(text: str) -> str:
    """Return any other text in half width, small letters, without blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


_NORMALISED = {"phone": normalise_phone, "identity": normalise_identity}


def blind_index(kind: str, text: str) -> str:
    """
    Return the keyed digest by which a personal datum is found without being stored in the clear.

    ``kind`` keeps equal texts of different meaning apart; "phone" and "identity" have their own normal form.
    An empty text has the empty index.
    """
    normal = _NORMALISED.get(kind, normalise_text)(text)
    if not normal:
        return ""
    return keyed_digest(f"{kind}\0{normal}").hex()[:32]


def keyed_digest(text: str) -> bytes:
    """Return HMAC-SHA256 of the text under the index key (32 bytes)."""
    return hmac.digest(_index_key(_secrets()[-1]), text.encode(), hashlib.sha256)


# --- fields ----------------------------------------------------------------------------------------------------------
if TYPE_CHECKING:
    # To the type checker it holds no bytes: it takes and gives what was encrypted.
    _BinaryField = models.Field[Any, Any]
else:
    _BinaryField = models.BinaryField


class _EncryptedField(_BinaryField):
    """Stored as bytes; cannot be searched or sorted by the database, only asked whether it is NULL."""

    def __init__(self, *args: Any, place: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)
        self.fixed_place = place

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        if self.fixed_place:
            kwargs["place"] = self.fixed_place
        return name, path, args, kwargs

    @property
    def place(self) -> str:
        """What the ciphertext is bound to: the given place (it survives renaming) or table and column."""
        return self.fixed_place or f"{self.model._meta.db_table}.{self.column}"

    def _to_text(self, value: Any) -> str:
        raise NotImplementedError

    def _from_text(self, text: str) -> Any:
        raise NotImplementedError

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(self._to_text(value), self.place)

    def from_db_value(self, value: Any, expression: object, connection: BaseDatabaseWrapper) -> Any:
        return None if value is None else self._from_text(decrypt(bytes(value), self.place))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return self._to_text(self.value_from_object(obj))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"{self.name} is encrypted: look it up by its blind index, not by {lookup_name}."
            )
        return super().get_lookup(lookup_name)


class EncryptedTextField(_EncryptedField):
    """Text, encrypted in the database."""

    if TYPE_CHECKING:
        _pyi_private_set_type: str | None
        _pyi_private_get_type: str

    def _to_text(self, value: Any) -> str:
        return str(value)

    def _from_text(self, text: str) -> Any:
        return text

    def get_default(self) -> Any:
        """Return the default; an empty text where none is given and NULL is not allowed."""
        if self.has_default():
            return self.default() if callable(self.default) else self.default
        return None if self.null else ""


class EncryptedJSONField(_EncryptedField):
    """A JSON document, encrypted in the database. Dates and decimals come back as texts."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def _to_text(self, value: Any) -> str:
        return json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder
        )

    def _from_text(self, text: str) -> Any:
        return json.loads(text)

    def get_default(self) -> Any:
        """Return the default; an empty document where none is given and NULL is not allowed."""
        if self.has_default():
            return self.default() if callable(self.default) else self.default
        return None if self.null else {}
