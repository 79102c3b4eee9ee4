"""YAML declarations: strict, and every mistake has its file, line and path."""

import dataclasses
import pathlib

import pytest

from shared import declarations, errors


@dataclasses.dataclass(frozen=True)
class Item:
    """One item."""

    name: str
    age: int = 0


@dataclasses.dataclass(frozen=True)
class Document:
    """A document of items."""

    bucket: str
    items: tuple[Item, ...] = ()


def problems(text: str, **environment: str) -> tuple[str, ...]:
    """Return the mistakes in a document."""
    with pytest.raises(errors.InvalidDeclaration) as caught:
        declarations.parse(Document, text, source="doc.yaml", environment=environment)
    return caught.value.problems


def test_document_is_built() -> None:
    """A right document becomes its dataclass."""
    text = "bucket: b\nitems:\n  - name: x\n    age: 3\n"

    assert declarations.parse(Document, text, source="doc.yaml", environment={}) == Document("b", (Item("x", 3),))


def test_environment_fills_whole_values() -> None:
    """`${NAME}` takes the value of the deployment; text around it stays text."""
    text = "bucket: ${BUCKET}\nitems: [{name: 'a-${BUCKET}'}]\n"

    built = declarations.parse(Document, text, source="doc.yaml", environment={"BUCKET": "mine"})

    assert built == Document("mine", (Item("a-${BUCKET}"),))


def test_unset_variable_is_a_mistake() -> None:
    """A variable that the deployment lacks is named with its place."""
    assert problems("bucket: ${BUCKET}\n") == ("doc.yaml:1: bucket: the environment variable BUCKET is not set",)


def test_duplicate_key_is_a_mistake() -> None:
    """YAML would take the last silently; we do not."""
    assert problems("bucket: a\nbucket: b\n") == ("doc.yaml:2: bucket: stands here twice",)


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    """Three mistakes in one document are three lines."""
    text = "bucket: 5\nitems:\n  - nme: x\n    age: old\n"

    assert problems(text) == (
        "doc.yaml:1: bucket: must be a text, not 5",
        "doc.yaml:3: items[0].nme: is not known here; known: name, age",
        "doc.yaml:3: items[0].name: is missing",
        "doc.yaml:4: items[0].age: must be a whole number, not 'old'",
    )


@pytest.mark.parametrize("text", ["bucket: [", "\tbucket: x", "bucket: 'x", "bucket: !!python/object:os.system {}"])
def test_broken_yaml_is_a_mistake_not_a_crash(text: str) -> None:
    """What is not plain YAML is refused with the line."""
    assert problems(text)[0].startswith("doc.yaml")


def test_empty_document_lacks_its_keys() -> None:
    """An empty file is a document without its required keys."""
    assert problems("") == ("doc.yaml:1: bucket: is missing",)


def test_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(errors.InvalidDeclaration, match=r"gone\.yaml: cannot be read"):
        declarations.load(Document, tmp_path / "gone.yaml", environment={})


@pytest.mark.parametrize("text", ['{"bucket": "\\ud83c"}', '{"bucket": "\\ud83c\\udfc0"}'])
def test_half_of_a_character_is_a_mistake(text: str) -> None:
    """It could never be written into a report; YAML, unlike JSON, does not join two halves."""
    with pytest.raises(errors.InvalidDeclaration, match=r"a\.yaml:1: .*(character)"):
        declarations.parse(Document, text, source="a.yaml", environment={})
