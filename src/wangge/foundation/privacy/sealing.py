"""Sealing a text so that it can be read back only with the keys, and never changed unnoticed.

    sealed = format (1 byte) | key version (2) | nonce (12) | ciphertext and tag

Format 1 is AES-256-GCM (NIST SP 800-38D), format 2 SM4-GCM (GB/T 32907-2016, RFC 8998). The header and
the purpose are authenticated with the text: a value moved to another column does not open there.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from wangge.foundation.privacy.keys import keyring

AES_256_GCM: Final = 1
SM4_GCM: Final = 2
FORMATS = {"aes-256-gcm": AES_256_GCM, "sm4-gcm": SM4_GCM}
KEY_BYTES = {AES_256_GCM: 32, SM4_GCM: 16}
HEADER_BYTES = 3
NONCE_BYTES = 12
TAG_BYTES = 16


class UnableToUnseal(Exception):
    """The sealed bytes were changed, cut, moved from elsewhere, or sealed with other keys."""


def seal(text: str, purpose: str) -> bytes:
    """Seal `text` under the current key. `purpose` names where it is kept, e.g. "privacy.identity.phone"."""
    ring = keyring()
    chosen = _chosen_format()
    header = bytes([chosen]) + ring.current.to_bytes(2, "big")
    nonce = secrets.token_bytes(NONCE_BYTES)
    key = ring.derived(f"sealing {chosen}", KEY_BYTES[chosen])
    bound = header + purpose.encode()
    if chosen == AES_256_GCM:
        return header + nonce + AESGCM(key).encrypt(nonce, text.encode(), bound)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return header + nonce + encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag


def unseal(sealed: bytes, purpose: str) -> str:
    """The text again; raises UnableToUnseal if anything about it is not as it was sealed."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES or sealed[0] not in KEY_BYTES:
        raise UnableToUnseal(f"What is kept as {purpose} is not a sealed value.")
    header, nonce, body = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:15], sealed[15:]
    key = keyring().derived(f"sealing {header[0]}", KEY_BYTES[header[0]], version_of(sealed))
    bound = header + purpose.encode()
    try:
        if header[0] == AES_256_GCM:
            return AESGCM(key).decrypt(nonce, body, bound).decode()
        mode = modes.GCM(nonce, body[-TAG_BYTES:])
        decryptor = Cipher(algorithms.SM4(key), mode).decryptor()
        decryptor.authenticate_additional_data(bound)
        return (decryptor.update(body[:-TAG_BYTES]) + decryptor.finalize()).decode()
    except InvalidTag:
        raise UnableToUnseal(f"What is kept as {purpose} was changed after it was sealed.") from None


def version_of(sealed: bytes) -> int:
    return int.from_bytes(sealed[1:HEADER_BYTES], "big")


def index_of(value: str, purpose: str) -> bytes:
    """A digest by which equal values are found without being readable: HMAC under the current key.

    HMAC-SM3 with SM4, HMAC-SHA-256 with AES; 1 byte format, 2 bytes key version, 32 bytes digest.
    """
    return _index(value, purpose, _chosen_format(), keyring().current)


def possible_indexes(value: str, purpose: str) -> list[bytes]:
    """Every digest `value` may be kept under, for rows that older keys or the other hash indexed."""
    return [
        _index(value, purpose, form, version) for form in FORMATS.values() for version in keyring().versions()
    ]


def _index(value: str, purpose: str, form: int, version: int) -> bytes:
    digest: hashes.HashAlgorithm = hashes.SM3() if form == SM4_GCM else hashes.SHA256()
    running = hmac.HMAC(keyring().derived(f"index {form}", 32, version), digest)
    running.update(purpose.encode() + b"\0" + value.encode())
    return bytes([form]) + version.to_bytes(2, "big") + running.finalize()


def _chosen_format() -> int:
    name = str(settings.SEALING_CIPHER).lower()
    if name not in FORMATS:
        raise ImproperlyConfigured(
            f"WANGGE_SEALING_CIPHER={name!r} is not known; choose one of {', '.join(FORMATS)}."
        )
    return FORMATS[name]
