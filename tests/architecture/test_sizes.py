"""Functions have at most 30 lines, modules 300, entry points 40; and each module says what it is for."""

import ast
from collections.abc import Mapping

import pytest

FUNCTION_LINES = 30
MODULE_LINES = 300
MAIN_LINES = 40


def _long_functions(path: str, text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno} {node.name}: {lines} lines")
    return found


def _long_module(path: str, text: str) -> list[str]:
    limit = MAIN_LINES if path.startswith("cloud_functions/") and path.endswith("/main.py") else MODULE_LINES
    lines = text.count("\n")
    return [f"{path}: {lines} lines, at most {limit}"] if lines > limit else []


def _undescribed(path: str, text: str) -> list[str]:
    described = text.startswith(('"""', 'r"""')) and bool((ast.get_docstring(ast.parse(text)) or "").strip())
    return [] if described else [f"{path}: the first line is no docstring"]


def _busy_package(path: str, text: str) -> list[str]:
    busy = path.endswith("/__init__.py") and len(ast.parse(text).body) != 1
    return [f"{path}: holds more than a docstring"] if busy else []


def test_functions_are_short(product: Mapping[str, str]) -> None:
    """No function of the product is longer than 30 lines."""
    assert [line for path, text in product.items() for line in _long_functions(path, text)] == []


def test_modules_are_short(product: Mapping[str, str], tests: Mapping[str, str]) -> None:
    """No module, tests included, is longer than 300 lines, and no entry point longer than 40."""
    assert [line for path, text in {**product, **tests}.items() for line in _long_module(path, text)] == []


def test_modules_say_what_they_are_for(product: Mapping[str, str], tests: Mapping[str, str]) -> None:
    """The first line of every module is its docstring."""
    assert [line for path, text in {**product, **tests}.items() for line in _undescribed(path, text)] == []


def test_packages_hold_a_docstring_only(product: Mapping[str, str], tests: Mapping[str, str]) -> None:
    """No `__init__.py` imports or defines anything."""
    assert [line for path, text in {**product, **tests}.items() for line in _busy_package(path, text)] == []


@pytest.mark.parametrize(("lines", "found"), [(28, 0), (29, 0), (30, 1)])
def test_a_long_function_is_found(lines: int, found: int) -> None:
    """The line of `def` counts, and 30 are allowed; so does a method, and a function in a function."""
    body = "".join(f"    x = {number}\n" for number in range(lines))
    inner = "".join(f"    {line}\n" for line in f"def f():\n{body}".splitlines())
    assert len(_long_functions("a.py", f"@decorated\n@twice\ndef f():\n{body}")) == found
    assert len(_long_functions("a.py", f"class C:\n{inner}")) == found
    assert len(_long_functions("a.py", f"async def f():\n{body}")) == found


@pytest.mark.parametrize(
    ("path", "lines", "found"),
    [
        ("local/a.py", 300, 0),
        ("local/a.py", 301, 1),
        ("local/main.py", 300, 0),
        ("cloud_functions/a/main.py", 40, 0),
        ("cloud_functions/a/main.py", 41, 1),
    ],
)
def test_a_long_module_is_found(path: str, lines: int, found: int) -> None:
    """One line too many is found."""
    assert len(_long_module(path, "x = 1\n" * lines)) == found


@pytest.mark.parametrize("text", ["", "import os\n", "# Why.\n", '\n"""Late."""\n', '""" """\n', "'''Odd.'''\n"])
def test_a_missing_docstring_is_found(text: str) -> None:
    """A module that begins with anything else is found."""
    assert _undescribed("a.py", text)
    assert not _undescribed("a.py", f'"""For tests."""\n{text}')


@pytest.mark.parametrize("text", ["", '"""A."""\nimport os\n', '"""A."""\nX = 1\n'])
def test_a_busy_package_is_found(text: str) -> None:
    """A package that has no docstring, or more, is found; the same in another module is not."""
    assert _busy_package("shared/__init__.py", text)
    assert not _busy_package("shared/a.py", text)
