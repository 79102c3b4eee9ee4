"""Plain files of objects: whatever the name, a safe path of its own."""

import string

from hypothesis import given
from hypothesis import strategies as st

from local.storage import views

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.text(
    [*"./%\\\0 ", *string.ascii_letters[:3]], min_size=1, max_size=400
)


def _path(name: str) -> str:
    return views.path_of(name, is_file=lambda _: False, is_folder=lambda _: False)


@given(NAMES)
def test_path_stays_below_its_folder(name: str) -> None:
    """No part of a path is empty, a dot name, too long for a file system, or has a byte that files may not have."""
    parts = _path(name).split("/")
    assert not {"", ".", ".."} & set(parts)
    assert max(len(part.encode()) for part in parts) <= 255
    assert len(_path(name).encode()) <= 900
    assert _path(name).isprintable()


@given(NAMES, NAMES)
def test_two_names_have_two_paths(first: str, second: str) -> None:
    """A path belongs to one name."""
    assert (first == second) == (_path(first) == _path(second))


@given(st.text([*string.ascii_letters, *string.digits, *"-_. "], min_size=3, max_size=30))
def test_plain_name_is_its_own_path(name: str) -> None:
    """A name without odd characters is found as it is written."""
    assert name in (".", "..") or _path(f"daily/{name}.x") == f"daily/{name}.x"
