"""The filter of leaked passwords: what it holds, what it is made of, and what is said of one that cannot be used."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from common_passwords import filter_sources, filters
from common_passwords.filters import Filter, FilterUnusable, key_of

LEAKED = ["zorbaq wexlip", "Tunvoy7Quillfeather", "кофейня-мрак", "ｚｏｒｂａｑｗｅｘ", "naïve café zorbaq", "short"]


def made(path: Path, passwords: list[str]) -> Filter:
    filters.write(map(key_of, passwords), to=path, made_of="a test")
    return Filter(path)


def from_list(folder: Path, content: bytes, *, name: str = "list.txt", seen: int = 1) -> Filter:
    source = folder / name
    source.write_bytes(content)
    digests = filter_sources.digests_of(source, seen=seen, progress=lambda _: None)
    filters.write(digests, to=folder / "made.filter", made_of="a test")
    return Filter(folder / "made.filter")


def test_what_was_put_in_is_held_and_nothing_else(tmp_path: Path) -> None:
    known = made(tmp_path / "made.filter", [*LEAKED, *LEAKED])
    assert known.entries == len(LEAKED)
    assert known.made_of == "a test"
    assert all(known.holds(key_of(password)) for password in LEAKED)
    assert not any(known.holds(key_of(f"{password}!")) for password in LEAKED)
    assert [file.name for file in tmp_path.iterdir()] == ["made.filter"]


@given(st.sets(st.text(st.characters(codec=None), max_size=20), max_size=40), st.text(max_size=20))
@hypothesis_settings(max_examples=30, deadline=None)
def test_any_texts_are_held_whatever_they_are(passwords: set[str], other: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        known = made(Path(folder) / "made.filter", sorted(passwords))
        assert all(known.holds(key_of(password)) for password in passwords)
        assert known.holds(key_of(other)) is (other in passwords)


@pytest.mark.parametrize("made_of", ["", " \n", "two\nlines", "é" * 300, "x" * 10_000, "caf\udce9.txt"])
def test_whatever_it_is_made_of_it_can_be_read(tmp_path: Path, made_of: str) -> None:
    """A folder is often given as ".", which has no name, and a name can be in no character set."""
    filters.write([key_of("tandem")], to=tmp_path / "made.filter", made_of=made_of)
    known = Filter(tmp_path / "made.filter")
    assert known.holds(key_of("tandem"))
    assert "\n" not in known.made_of


def test_a_list_that_does_not_fit_into_memory_is_sorted_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "MOST_IN_MEMORY", 4)
    known = made(tmp_path / "made.filter", [*LEAKED, *LEAKED])
    assert known.entries == len(LEAKED)
    assert all(known.holds(key_of(password)) for password in LEAKED)


def test_what_begins_alike_is_told_apart(tmp_path: Path) -> None:
    """Keys with the same first two bytes stand in one row: no look-up finds the end of a key with a beginning."""
    listed = [bytes([7, 7, 1, 2, 3, 4]), bytes([7, 7, 3, 4, 5, 6]), bytes([0, 0, 9, 9, 9, 9]), bytes([255] * 6)]
    filters.write(listed, to=tmp_path / "made.filter", made_of="a test")
    known = Filter(tmp_path / "made.filter")
    assert all(known.holds(key) for key in listed)
    assert not known.holds(bytes([7, 7, 3, 4, 3, 4]))
    assert not known.holds(bytes([7, 7, 2, 3, 4, 3]))
    assert not known.holds(bytes([8, 7, 1, 2, 3, 4]))


# What it is made of ---------------------------------------------------------------------------------------------------


def test_a_list_is_taken_as_it_stands_and_in_small_letters(tmp_path: Path) -> None:
    content = (
        "\ufeffFirst Line Zorbaq\r\n\r\n  blanks stay \nStraßeZorbaq\nｆｕｌｌｗｉｄｔｈ".encode()
        + b"\nlatin-\xe9-zorbaq"
    )
    known = from_list(tmp_path, content)
    for held in (
        *("First Line Zorbaq", "first line zorbaq", "  blanks stay ", "StraßeZorbaq", "straßezorbaq"),
        *("ｆｕｌｌｗｉｄｔｈ", "fullwidth", "latin-é-zorbaq"),
    ):
        assert known.holds(key_of(held)), held
    for other in ("blanks stay", "", "FIRST LINE ZORBAQ"):
        assert not known.holds(key_of(other)), other


HASHES = [key_of(password).hex() for password in ("often seen zorbaq", "once seen zorbaq")]


def test_the_whole_list_of_have_i_been_pwned_is_taken_by_how_often_a_password_was_seen(tmp_path: Path) -> None:
    content = f"{HASHES[0].upper()}:20\r\n{HASHES[1].upper()}:3\r\n".encode()
    assert from_list(tmp_path, content).entries == 2
    known = from_list(tmp_path, content, seen=20)
    assert known.holds(key_of("often seen zorbaq"))
    assert not known.holds(key_of("once seen zorbaq"))


def test_its_files_by_ranges_are_completed_by_their_names(tmp_path: Path) -> None:
    known = from_list(tmp_path, f"{HASHES[0][5:].upper()}:20\n".encode(), name=f"{HASHES[0][:5].upper()}.txt")
    assert known.holds(key_of("often seen zorbaq"))


def test_a_line_that_is_no_hash_among_hashes_is_named(tmp_path: Path) -> None:
    with pytest.raises(filter_sources.SourceUnusable, match=r"list\.txt, line 2, is not"):
        from_list(tmp_path, f"{HASHES[0]}:20\nzorbaq\n".encode())
    assert not (tmp_path / "made.filter").exists()


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert [file.name for file in filter_sources.files_of(tmp_path)] == ["a.txt", "b.txt"]
    assert filter_sources.files_of(tmp_path / "a.txt") == [tmp_path / "a.txt"]


# One that cannot be used ----------------------------------------------------------------------------------------------


def _changed(at: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:at] + bytes([content[at] ^ 1]) + content[at:][1:]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"", "is no password filter of this version"),
        (lambda _: b"password filter 9, of another version\n", "is no password filter of this version"),
        (lambda content: content[:200], "is damaged: it has 200 bytes and should have"),
        (lambda content: content[:-1], "is damaged: it has"),
        (lambda content: content + b"!", "is damaged: it has"),
        (_changed(-3), "is damaged: its checksum is wrong"),
        (_changed(5_000), "is damaged: its checksum is wrong"),
    ],
    ids=["empty", "another version", "its head alone", "cut off", "too long", "a key changed", "a count changed"],
)
def test_of_a_damaged_one_it_is_said_what_is_wrong(tmp_path: Path, damage: Callable[[bytes], bytes], said: str) -> None:
    made(path := tmp_path / "made.filter", LEAKED)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FilterUnusable, match=said):
        Filter(path)


def test_of_a_large_one_the_counts_alone_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "LARGEST_SUMMED", 0)
    made(path := tmp_path / "made.filter", LEAKED)
    path.write_bytes(_changed(5_000)(path.read_bytes()))
    with pytest.raises(FilterUnusable, match="is damaged: its parts are not as many as it says"):
        Filter(path)


def test_one_that_is_replaced_while_it_is_in_use_goes_on_being_read(tmp_path: Path) -> None:
    known = made(path := tmp_path / "made.filter", LEAKED)
    made(path, ["something else"])
    assert known.holds(key_of(LEAKED[0]))
    assert not Filter(path).holds(key_of(LEAKED[0]))


def test_one_that_is_cut_off_while_it_is_in_use_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = made(path := tmp_path / "made.filter", LEAKED)
    path.write_bytes(b"")
    assert not known.holds(key_of(LEAKED[0]))
    assert "was cut off while it was in use" in caplog.text
