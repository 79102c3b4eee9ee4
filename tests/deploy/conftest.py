"""A small repository with two functions that need nothing but the standard library."""

import pathlib

import pytest

FILES = {
    "requirements.txt": "",
    "cloud_functions/__init__.py": '"""Functions."""\n',
    "cloud_functions/tiny/__init__.py": '"""Tiny."""\n',
    "cloud_functions/tiny/main.py": (
        '"""Tiny."""\n\nfrom shared import words\n\n\ndef tiny(request):\n    """Answer."""\n    return words.WORD\n'
    ),
    "cloud_functions/tiny/function.yaml": "summary: tiny\n",
    "cloud_functions/tiny/suites/one.yaml": "a: 1\n",
    "cloud_functions/other/__init__.py": '"""Other."""\n',
    "cloud_functions/other/main.py": '"""Other."""\n\n\ndef other(request):\n    """Answer."""\n    return "other"\n',
    "shared/__init__.py": '"""Shared."""\n',
    "shared/words.py": '"""Words."""\n\nWORD = "hello"\n',
    "shared/report.schema.json": "{}\n",
    "local/__init__.py": '"""Never shipped."""\n',
}


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return the root of a small repository of its own."""
    root = tmp_path / "repository"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
