"""A page compressed from pieces, of which those that do not change are compressed once (RFC 1951, RFC 1952).

What is new each time stands between them as it is. Deflate says "as so many characters ago", so that what is compressed
is good for new pieces of the same lengths, which those of a first visit nearly always have.
"""

from __future__ import annotations

import functools
import gzip
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Deflate, no flags, no time, the best compression, no system (RFC 1952, 2.3).
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
# An empty last block (RFC 1951, 3.2.3 and 3.2.6).
_END = b"\x03\x00"
# How a block begins that is not compressed; its length and the complement of it follow, and so many bytes (3.2.4).
_STORED = b"\x00"
_MOST_STORED = 0xFFFF
# A flush ends with such a block, of length 0: what is new takes its place.
_NO_LENGTH = b"\x00\x00\xff\xff"
# Pages whose compressed pieces are kept, some 3 kB each.
_MOST_KEPT = 200
# Stands for what is new while the rest is compressed. Text does not hold it, so that nothing is said to be like it.
_NEW = b"\0"


def compressed(pieces: Sequence[bytes], *, fixed: tuple[bytes, ...]) -> bytes:
    """Return `pieces` joined and compressed. `fixed` has those that do not change, and b"" in the places of others."""
    whole = b"".join(pieces)
    new = [b"" if same else piece for same, piece in zip(fixed, pieces, strict=True)]
    lengths = tuple(map(len, new))
    if max(lengths) > _MOST_STORED:
        return gzip.compress(whole)
    blocks = [part for both in zip(_blocks(fixed, lengths), new, strict=True) for part in both]
    trailer = zlib.crc32(whole).to_bytes(4, "little") + (len(whole) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([_HEADER, *blocks, _END, trailer])


@functools.lru_cache(maxsize=_MOST_KEPT)
def _blocks(fixed: tuple[bytes, ...], lengths: tuple[int, ...]) -> list[bytes]:
    """Return what stands for each fixed piece, and before each new one; those have these lengths."""
    deflating = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers to what was before.
    flush = zlib.Z_FULL_FLUSH if any(_NEW in piece for piece in fixed) else zlib.Z_SYNC_FLUSH
    blocks: list[bytes] = []
    for piece, length in zip(fixed, lengths, strict=True):
        block = deflating.compress(piece or _NEW * length) + deflating.flush(flush)
        if piece:
            blocks.append(block)
        else:
            _append_head(blocks, length)
    return blocks


def _append_head(blocks: list[bytes], length: int) -> None:
    """Append what stands before a new piece of this length: nothing where it is empty."""
    if not length:
        blocks.append(b"")
        return
    head = length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little")
    if blocks and blocks[-1].endswith(_NO_LENGTH):
        blocks[-1] = blocks[-1].removesuffix(_NO_LENGTH)
        blocks.append(head)
    else:
        blocks.append(_STORED + head)
