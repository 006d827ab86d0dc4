"""Pages compressed from pieces."""

import gzip
import os
import zlib

import pytest

from nhsuk import gzip_pieces


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"a page"],
        [b"<p>" * 5000, b"Jo", b"</p>" * 5000, b"", b"<p>" * 5000],
        [b"\0" * 300, b"\0\0\0\0", b"a\0\0\0", b"\0\0\0\0", b"\0" * 300],
        [os.urandom(200_000), os.urandom(200_000)],
    ],
)
@pytest.mark.parametrize("first_is_fixed", [True, False])
def test_what_is_compressed_in_pieces_is_read_as_one_page(pieces: list[bytes], first_is_fixed: bool) -> None:
    fixed = tuple(piece if bool(number % 2) is not first_is_fixed else b"" for number, piece in enumerate(pieces))
    for new in (b"", b"longer", b"<p>" * 40):
        filled = [same or (new + piece + new) for same, piece in zip(fixed, pieces, strict=True)]
        packed = gzip_pieces.compressed(filled, fixed=fixed)
        read = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert read.decompress(packed) == gzip.decompress(packed) == b"".join(filled)
        assert read.eof
        assert not read.unused_data


def test_new_pieces_of_the_same_length_take_what_was_compressed_before() -> None:
    fixed = (b"<p>You are logged in as ", b"", b"</p><p>You are logged in as well</p>" * 9)
    for name in (b"Jo Smith", b"Al Jones", b"</p><p>Y"):
        gzip_pieces.compressed((fixed[0], name, fixed[2]), fixed=fixed)
    assert gzip_pieces._blocks.cache_info().currsize == 1


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Begin with nothing compressed."""
    gzip_pieces._blocks.cache_clear()
