"""The memory that a password hash is computed in, kept for the next one: argon2's own steps, without its malloc.

glibc maps a block of 46 MiB afresh for each hash, which nearly doubles its processor time, and threads that hash at
once take a block each. argon2 asks a caller's functions for its memory where its context names them (argon2.h,
`allocate_cbk` and `free_cbk`), so that each slot to hash keeps one block for good. Nothing of a password stays in it:
argon2 overwrites its memory before it gives it back, to whichever function that is (core.c: `free_memory` begins with
`clear_internal_memory`). The copy of the password is overwritten even sooner than by argon2-cffi's own functions, which
leave it to Python: argon2 does that as soon as it has read it (ARGON2_FLAG_CLEAR_PASSWORD).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from argon2 import low_level

if TYPE_CHECKING:
    from argon2 import Parameters

_ffi = low_level.ffi
# argon2.h, ARGON2_FLAG_CLEAR_PASSWORD and ARGON2_OK.
_CLEAR_PASSWORD = 1
_OK = 0


class _Block:
    """What argon2 is given for its memory: kept, and as large as the largest hash that was computed in it."""

    def __init__(self) -> None:
        self.kept: Any = None

    def allocate(self, address: Any, size: int) -> int:
        """Give argon2 the block: an `allocate_fptr` of argon2.h."""
        if self.kept is None or len(self.kept) < size:
            self.kept = None
            self.kept = _ffi.new("uint8_t[]", size)
        address[0] = self.kept
        return 0

    def take_back(self, address: Any, size: int) -> None:
        """Take the block back from argon2, which has overwritten it: a `deallocate_fptr`."""


class Memory:
    """One block, and what argon2 calls for it. Only one thread at a time may compute in it."""

    def __init__(self) -> None:
        # The callbacks know the block alone: in a circle with what holds them, none of it would ever be let go.
        self._block = _Block()
        self._callbacks = self._make_callbacks()

    @property
    def block(self) -> Any:
        """The block as cffi knows it, or None before the first hash."""
        return self._block.kept

    def hash(self, secret: bytes, salt: bytes, parameters: Parameters) -> bytes | None:
        """Return the hash, not encoded, or None where argon2 cannot compute it here: its plain call can say why."""
        if self._callbacks is None:
            return None
        out = _ffi.new("uint8_t[]", parameters.hash_len)
        # Held until argon2 is done: the context has no more than their addresses.
        own_secret, own_salt = _ffi.new("uint8_t[]", secret), _ffi.new("uint8_t[]", salt)
        context = _ffi.new("argon2_context *")
        context.out, context.outlen = out, parameters.hash_len
        context.pwd, context.pwdlen = own_secret, len(secret)
        context.salt, context.saltlen = own_salt, len(salt)
        context.t_cost, context.m_cost = parameters.time_cost, parameters.memory_cost
        context.lanes = context.threads = parameters.parallelism
        context.version, context.flags = parameters.version, _CLEAR_PASSWORD
        context.allocate_cbk, context.free_cbk = self._callbacks
        if low_level.core(context, parameters.type.value) != _OK:
            return None
        return bytes(_ffi.buffer(out))

    def _make_callbacks(self) -> tuple[Any, Any] | None:
        """Return what argon2 calls for its memory, or None where this platform makes no functions at run time."""
        try:
            return (
                _ffi.callback("int(uint8_t **, size_t)", self._block.allocate, error=1),
                _ffi.callback("void(uint8_t *, size_t)", self._block.take_back),
            )
        except (MemoryError, OSError, RuntimeError, SystemError):
            return None


def encoded(raw: bytes, salt: bytes, parameters: Parameters) -> str:
    """Return a hash as argon2 encodes it (encoding.c, `encode_string`): base64 without padding."""
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    kind = parameters.type.name.lower()
    return f"$argon2{kind}$v={parameters.version}${costs}${unpadded(salt)}${unpadded(raw)}"


def unpadded(data: bytes) -> str:
    """Return `data` in argon2's base64."""
    return base64.b64encode(data).rstrip(b"=").decode()
