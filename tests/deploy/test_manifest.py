"""Every `function.yaml` is read strictly."""

import pathlib

import pytest

from deploy import manifest, stage
from shared import errors


def test_every_function_declares_its_deploy_facts() -> None:
    """Each function has a summary, an account, and jobs that wait at least as long as the function may run."""
    manifests = [manifest.read(name, root=stage.REPOSITORY) for name in stage.functions(stage.REPOSITORY)]
    assert manifests
    assert all("@" in declared.account and declared.summary.endswith(".") for declared in manifests)
    # The Scheduler must not give up, and call again, while the function still works; it waits 1800 s at most.
    assert all(each.deadline >= min(declared.timeout, 1800) for declared in manifests for each in declared.schedules)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("summary: s\naccount: a\nmemmory: 1Gi\n", "memmory: is not known here"),
        ("account: a\n", "summary: is missing"),
        ("summary: s\naccount: a\ntimeout: 1800s\n", "timeout: must be a whole number"),
        ("summary: s\naccount: a\nmemory: lots\n", "memory: must match"),
        ("summary: s\naccount: a\nenv: {COUNT: 3}\n", "env.COUNT: must be a text"),
        (
            "summary: s\naccount: a\nschedules: [{name: n, cron: c, time_zone: t, deadline: 3600}]\n",
            "must be at most 1800",
        ),
    ],
)
def test_a_mistake_is_named(tree: pathlib.Path, text: str, said: str) -> None:
    """An unknown, missing or mistyped key is refused with its name."""
    (tree / "cloud_functions/tiny/function.yaml").write_text(text)
    with pytest.raises(errors.InvalidDeclaration, match=said):
        manifest.read("tiny", root=tree)
