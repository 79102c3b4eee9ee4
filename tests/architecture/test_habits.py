"""One broad handler, no patches, no loose ends, no places of one machine; every exception to a rule has its reason."""

import ast
import re
import tomllib
from collections.abc import Callable, Mapping

import pytest

BROAD = frozenset({"Exception", "BaseException"})
ENTRYPOINT = "shared/entrypoint.py"
# Where a crash must become an error of the protocol, and not the end of the server.
SERVERS = "local/"
REASONED = re.compile(r"#\s*noqa: BLE001\b\W+\w+")
# Written in pieces, so that this file keeps its own rules.
WORDS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
PLACES = re.compile(r"(?<![\w.}])/(home|Users|root|work)/" + r"[\w.]|\bC:\\Users")
NOQA = re.compile(r"#\s*noqa\b(?P<rest>.*)")
NOQA_REASON = re.compile(r": [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*+\W+\w[\w ]*\w")
UNNAMED_TYPE = re.compile(r"#\s*type: ignore(?!\[)")
IGNORED_LINT = re.compile(r'^\s*("[^"]+" = \[)?\s*"[A-Z]+[0-9]*"')


def _broad_handlers(path: str, text: str) -> list[str]:
    """Return the handlers that catch everything and do not raise it again, each with its line.

    A stand-in may also rename everything that its emulator raises, or say in a `noqa` why its server goes on.
    """
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and not _raises_again(node):
            renamed = isinstance(node.body[-1], ast.Raise)
            reasoned = path.startswith(SERVERS) and (renamed or REASONED.search(lines[node.lineno - 1]))
            found += [] if reasoned else [f"{path}:{node.lineno} {lines[node.lineno - 1].strip()}"]
        elif isinstance(node, ast.Call) and _suppresses_all(node):
            found.append(f"{path}:{node.lineno} suppresses everything")
    return found


def _catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_catches_all(each) for each in caught.elts)
    name = caught.attr if isinstance(caught, ast.Attribute) else getattr(caught, "id", None)
    return caught is None or name in BROAD


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _suppresses_all(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    return name == "suppress" and any(_catches_all(each) for each in call.args)


def _patches(path: str, text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [
                node.lineno
                for alias in node.names
                if alias.name.split(".")[0] == "mock" or alias.name == "unittest.mock"
            ]
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
            found += [node.lineno] if names & {"mock", "unittest.mock"} else []
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in ("monkeypatch", "patching"):
            found += [node.lineno] if node.attr in ("setattr", "delattr") else []
        elif isinstance(node, ast.arg) and node.arg == "mocker":
            found.append(node.lineno)
    return [f"{path}:{line} patches" for line in found]


def _matching(pattern: "re.Pattern[str]") -> Callable[[str, str], list[str]]:
    def judge(path: str, text: str) -> list[str]:
        lines = enumerate(text.splitlines(), start=1)
        return [f"{path}:{number} {line.strip()}" for number, line in lines if pattern.search(line)]

    return judge


_loose_ends, _places, _unnamed_types = _matching(WORDS), _matching(PLACES), _matching(UNNAMED_TYPE)


def _untold_noqa(path: str, text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark = NOQA.search(line)
        if mark and not NOQA_REASON.match(mark["rest"]):
            found.append(f"{path}:{number} {line.strip()}")
    return found


def _untold_ignores(text: str) -> list[str]:
    """Return the ignored lint rules of a pyproject.toml whose line has no reason."""
    section = text.partition("[tool.ruff.lint]")[2].partition("[tool.ruff.lint.pydocstyle]")[0]
    section = section.partition("ignore = [")[2]
    return [
        line.strip() for line in section.splitlines() if IGNORED_LINT.match(line) and not re.search(r"# \w+\W+\w", line)
    ]


def test_one_handler_is_broad(product: Mapping[str, str]) -> None:
    """The entrypoint catches everything once; a stand-in's server does so with its reason; nothing else does."""
    found = [line for path, text in product.items() for line in _broad_handlers(path, text)]
    assert [line.partition(":")[0] for line in found] == [ENTRYPOINT], found


def test_nothing_is_patched(tests: Mapping[str, str]) -> None:
    """Tests use emulators, hand fakes and values."""
    assert [line for path, text in tests.items() for line in _patches(path, text)] == []


def test_no_loose_ends(texts: Mapping[str, str]) -> None:
    """What is left to do stands in the issues."""
    assert [line for path, text in texts.items() for line in _loose_ends(path, text)] == []


def test_no_places_of_one_machine(texts: Mapping[str, str]) -> None:
    """No file names the folder of a person or of a build."""
    assert [line for path, text in texts.items() for line in _places(path, text)] == []


def test_every_silenced_line_has_its_reason(product: Mapping[str, str], tests: Mapping[str, str]) -> None:
    """A `noqa` names its rule and says why; an ignored type error names its kind."""
    sources = {**product, **tests}
    assert [line for path, text in sources.items() for line in _untold_noqa(path, text)] == []
    assert [line for path, text in sources.items() for line in _unnamed_types(path, text)] == []


def test_every_ignored_lint_rule_has_its_reason(texts: Mapping[str, str]) -> None:
    """Each rule that pyproject.toml turns off stands beside the reason."""
    text = texts["pyproject.toml"]
    assert tomllib.loads(text)["tool"]["ruff"]["lint"]["select"] == ["ALL"]
    assert _untold_ignores(text) == []


HANDLER = "try:\n    f()\nexcept {caught}:  {comment}\n    {body}\n"


@pytest.mark.parametrize("caught", ["Exception", "BaseException as e", "(ValueError, Exception)", "builtins.Exception"])
def test_a_broad_handler_is_found(caught: str) -> None:
    """However it is written; and a reason excuses it in local/ only."""
    text = HANDLER.format(caught=caught, comment="# noqa: BLE001 - a server answers", body="pass")
    assert _broad_handlers("shared/a.py", text)
    assert not _broad_handlers("local/a.py", text)
    assert _broad_handlers("local/a.py", text.replace(" - a server answers", ""))
    renamed = HANDLER.format(caught=caught, comment="", body="raise Mistake from None")
    assert (bool(_broad_handlers("shared/a.py", renamed)), _broad_handlers("local/a.py", renamed)) == (True, [])


def test_a_bare_handler_is_found() -> None:
    """An `except:` and a `suppress(Exception)` catch everything too."""
    assert _broad_handlers("shared/a.py", "try:\n    f()\nexcept:\n    pass\n")
    assert _broad_handlers("shared/a.py", "with contextlib.suppress(Exception):\n    f()\n")


@pytest.mark.parametrize(
    "text",
    [
        HANDLER.format(caught="ValueError", comment="", body="pass"),
        HANDLER.format(caught="BaseException", comment="", body="raise"),
        "with contextlib.suppress(OSError):\n    f()\n",
    ],
)
def test_a_narrow_handler_is_not_found(text: str) -> None:
    """A named error, or one that goes on, is not swallowed."""
    assert not _broad_handlers("shared/a.py", text)


@pytest.mark.parametrize(
    "text",
    [
        "import mock",
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import patch",
        "def test(monkeypatch):\n    monkeypatch.setattr('a.b', 1)",
        "def test(mocker):\n    pass",
    ],
)
def test_a_patch_is_found(text: str) -> None:
    """Every way of replacing a name for the time of a test is found; another environment is not such a way."""
    assert _patches("tests/a.py", text)
    assert not _patches("tests/a.py", "def test(monkeypatch):\n    monkeypatch.setenv('A', '1')")


def test_a_loose_end_is_found() -> None:
    """The four usual words are found, and words that merely hold them are not."""
    assert all(_loose_ends("a.py", f"# {word}: later") for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"))
    assert not _loose_ends("a.py", "METHOD = 'todo'")


@pytest.mark.parametrize("folder", ["/ho" + "me/ann/x", "'/wo" + "rk/main", "/Us" + "ers/ann", " /ro" + "ot/.ssh"])
def test_a_place_is_found(folder: str) -> None:
    """The folder of a person or of a build is found, and the path of a URL is not."""
    assert _places("a.py", f"X = {folder}")
    assert not _places("a.py", "https://example.com/ho" + "me/page")


@pytest.mark.parametrize("rest", ["", ": N802", ": N802, S603", ": N802 -", " - why not", ": N802 - a"])
def test_a_silenced_line_without_reason_is_found(rest: str) -> None:
    """A silenced line without a rule, or without a reason, is found."""
    mark = "# no" + "qa"
    assert _untold_noqa("a.py", f"x = 1  {mark}{rest}")
    assert not _untold_noqa("a.py", f"x = 1  {mark}: N802, S603 - quoted")


def test_an_ignored_type_error_without_its_kind_is_found() -> None:
    """To ignore all type errors of a line is to ignore the next one too."""
    assert _unnamed_types("a.py", "x = 1  # type: " + "ignore")
    assert not _unnamed_types("a.py", "x = 1  # type: " + "ignore[arg-type]")


def test_an_ignored_lint_rule_without_reason_is_found() -> None:
    """In the list of all rules and in those of single folders."""
    rules = (
        '[tool.ruff.lint]\nselect = ["ALL"]\nignore = [\n  "E501",{a}\n]\n'
        '[per-file]\n"tests/**" = [\n  "S101",{b}\n]\n"y" = ["T2"]{c}\n'
    )
    assert _untold_ignores(rules.format(a=" # a reason", b=" # the same", c=" # that is why")) == []
    assert len(_untold_ignores(rules.format(a="", b="", c=""))) == 3
