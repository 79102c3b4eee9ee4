"""`cloudbuild-functions.yaml`: its shape, and its scripts taken out of the file and run."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
import yaml

from deploy import stage

PATH = stage.REPOSITORY / "cloudbuild-functions.yaml"
BUILD: dict[str, Any] = yaml.safe_load(PATH.read_text())
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
BUILT_IN = {"PROJECT_ID": "some-project", "COMMIT_SHA": "c0ffee"}
ACCOUNT = "reporter@some-project.iam.gserviceaccount.com"
FOLDERS = sorted(
    {path.relative_to(stage.REPOSITORY).parts[1] for path in stage.REPOSITORY.glob("cloud_functions/*/*.py")}
)

# Stands for gcloud: `functions list` answers what the test wants, and every call is noted, one argument a line.
GCLOUD = """#!/usr/bin/env bash
printf '%s\\n' "$@" '--end--' >> "$CALLS"
if [[ "$2" == list ]]; then printf '%s' "$LISTED"; exit "$LIST_CODE"; fi
"""

# What the platform does with the stage: load it by its entry point, send it a request. Nothing else is on the path.
CALL = """
import functions_framework, json, pathlib, sys
stage, name = pathlib.Path(sys.argv[1]), sys.argv[2]
client = functions_framework.create_app(name, str(stage / "main.py")).test_client()
answer = client.delete("/")
outside = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] in ("shared", "cloud_functions")
           if not pathlib.Path(m.__file__).is_relative_to(stage)]
print(json.dumps({"status": answer.status_code, "report": answer.get_json(), "outside": outside}))
"""


def _run(
    step: str, *, folder: pathlib.Path, values: Mapping[str, str], extra: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the script of `step` as Cloud Build does: in `folder`, with the environment that the step declares."""
    known = BUILT_IN | BUILD["substitutions"] | dict(values)
    env = {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": str(folder.parent)}
    for entry in STEPS[step]["env"]:
        name, _, value = entry.partition("=")
        env[name] = re.sub(r"\$\{(\w+)\}", lambda match: known[match[1]], value)
    script = folder.parent / f"{step}.sh"
    script.write_text(STEPS[step]["script"])
    command = ["bash", str(script)]
    env |= dict(extra or {})
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a fresh copy of the repository's own files."""
    folder = tmp_path_factory.mktemp("checkout") / "workspace"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests")
    return pathlib.Path(shutil.copytree(stage.REPOSITORY, folder, ignore=ignored))


def _gcloud(folder: pathlib.Path, *, listed: str, code: int) -> dict[str, str]:
    tools = folder / "tools"
    tools.mkdir()
    (tools / "gcloud").write_text(GCLOUD)
    (tools / "gcloud").chmod(0o755)
    calls = folder / "calls"
    calls.touch()
    return {"PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls), "LISTED": listed, "LIST_CODE": str(code)}


def _deploy(
    folder: pathlib.Path, *, listed: str = "", code: int = 0, **values: str
) -> tuple["subprocess.CompletedProcess[str]", list[list[str]]]:
    """Return what the deploy step said, and the argument lists that gcloud was called with."""
    (folder / "workspace").mkdir()
    extra = _gcloud(folder, listed=listed, code=code)
    wanted = {"_FUNCTION_NAME": "tiny", "_SERVICE_ACCOUNT": ACCOUNT} | values
    done = _run("deploy", folder=folder / "workspace", values=wanted, extra=extra)
    calls = (folder / "calls").read_text().split("--end--\n")[:-1]
    return done, [call.splitlines() for call in calls]


def test_the_steps_come_in_order() -> None:
    """Nothing is deployed that was not staged and imported first."""
    assert [step["id"] for step in BUILD["steps"]] == ["stage", "import-check", "deploy"]
    assert all(not {"waitFor", "allowFailure", "args", "entrypoint"} & step.keys() for step in BUILD["steps"])


def test_substitutions_are_declared_and_used() -> None:
    """Every substitution of the file is declared or Cloud Build's own, and every declared one is used."""
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps([step["env"] for step in BUILD["steps"]])))
    assert used - BUILT_IN.keys() == BUILD["substitutions"].keys()
    assert all(re.fullmatch(r"_[A-Z][A-Z0-9_]*", name) for name in BUILD["substitutions"])


def test_substitutions_never_reach_a_script_as_text() -> None:
    """The scripts read environment variables, so that no value of a substitution is read as shell."""
    names = "|".join([*BUILD["substitutions"], *BUILT_IN])
    for step in BUILD["steps"]:
        declared = {entry.partition("=")[0] for entry in step["env"]}
        read = set(re.findall(rf"\$\{{?({names})\b", step["script"]))
        assert read <= declared


def test_defaults_are_safe_texts() -> None:
    """No default names a function or an account, and all are texts, as Cloud Build wants them."""
    assert all(isinstance(value, str) for value in BUILD["substitutions"].values())
    assert [name for name, value in BUILD["substitutions"].items() if not value] == [
        "_FUNCTION_NAME",
        "_SERVICE_ACCOUNT",
        "_ENV",
        "_SECRETS",
    ]


def test_logs_and_time_are_declared() -> None:
    """The build logs to Cloud Logging alone, and ends by itself."""
    assert BUILD["options"] == {"logging": "CLOUD_LOGGING_ONLY"}
    assert re.fullmatch(r"[1-9][0-9]*s", BUILD["timeout"])


def test_nothing_is_replaced_wholesale() -> None:
    """No flag is used that drops what was set by hand or by another deploy."""
    assert not re.search(r"--(set|clear)-|--env-vars-file|--allow-unauthenticated", PATH.read_text())


def test_there_is_a_function_to_deploy() -> None:
    """Every folder of code in cloud_functions/ is a function, and there is one at least."""
    assert FOLDERS
    assert list(stage.functions(stage.REPOSITORY)) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_every_function_answers_from_its_stage_alone(name: str, sources: pathlib.Path) -> None:
    """The staging step writes a folder that an isolated interpreter loads, calls, and gets a report from."""
    shutil.rmtree(sources / "stage", ignore_errors=True)
    done = _run("stage", folder=sources, values={"_FUNCTION_NAME": name})
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-I", "-B", "-c", CALL, str(sources / "stage"), name]
    called = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True, check=False)
    assert called.returncode == 0, called.stderr
    answer = json.loads(called.stdout.splitlines()[-1])
    assert (answer["status"], answer["outside"]) == (200, [])
    jsonschema.validate(answer["report"], json.loads((sources / "stage/shared/report.schema.json").read_text()))
    assert answer["report"]["error"]["code"]
    assert answer["report"]["build"]["commit"] == "c0ffee"


@pytest.mark.parametrize(("name", "said"), [("", "_FUNCTION_NAME is empty"), ("absent", "functions: other, tiny")])
def test_the_staging_step_refuses(tree: pathlib.Path, name: str, said: str) -> None:
    """A name that is missing or unknown ends the build with a message that says so."""
    shutil.copytree(stage.REPOSITORY / "deploy", tree / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    done = _run("stage", folder=tree, values={"_FUNCTION_NAME": name})
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tree / "stage").exists()


@pytest.mark.parametrize(("text", "code"), [("", 0), ("import absent_library\n", 1)])
def test_the_import_check_runs_in_a_fresh_environment(tree: pathlib.Path, text: str, code: int) -> None:
    """The step installs the requirements of the stage, and fails when the function needs more than that."""
    with (tree / "shared/words.py").open("a") as file:
        file.write(text)
    shutil.copytree(stage.REPOSITORY / "deploy", tree / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    assert _run("stage", folder=tree, values={"_FUNCTION_NAME": "tiny"}).returncode == 0
    done = _run("import-check", folder=tree, values={"_FUNCTION_NAME": "tiny"})
    assert done.returncode == code, done.stderr
    assert ("absent_library" in done.stderr) == bool(code)


def test_the_deploy_command_is_explicit(tmp_path: pathlib.Path) -> None:
    """Source, entry point, account, region, size and access are all said, and nothing is left to gcloud's defaults."""
    done, calls = _deploy(tmp_path)
    assert done.returncode == 0, done.stderr
    assert [call[:3] for call in calls] == [["functions", "list", "--v2"], ["functions", "deploy", "tiny"]]
    assert sorted(calls[1][3:]) == [
        "--concurrency=1",
        "--cpu=1",
        "--entry-point=tiny",
        "--gen2",
        "--max-instances=3",
        "--memory=512Mi",
        "--no-allow-unauthenticated",
        "--project=some-project",
        "--quiet",
        "--region=us-west2",
        f"--run-service-account={ACCOUNT}",
        "--runtime=python311",
        "--serve-all-traffic-latest-revision",
        "--source=stage",
        "--timeout=1800s",
        "--trigger-http",
        "--update-labels=commit-sha=c0ffee",
    ]


def test_the_function_of_that_name_is_asked_for_in_its_place(tmp_path: pathlib.Path) -> None:
    """The generation is asked of the very function that will be deployed, not of its namesakes."""
    _, calls = _deploy(tmp_path, _REGION="europe-west1")
    assert calls[0][3:] == [
        "--project=some-project",
        "--regions=europe-west1",
        "--filter=name~/functions/tiny$",
        "--format=value(environment)",
    ]


def test_a_first_generation_function_is_not_touched(tmp_path: pathlib.Path) -> None:
    """A Gen1 function of that name ends the build, before anything is deployed, with a message that says why."""
    done, calls = _deploy(tmp_path, listed="GEN_1\n")
    assert done.returncode == 1
    assert "tiny in us-west2 is a first-generation function" in done.stderr
    assert [call[1] for call in calls] == ["list"]


def test_a_second_generation_function_is_updated(tmp_path: pathlib.Path) -> None:
    """A Gen2 function of that name is deployed over."""
    done, calls = _deploy(tmp_path, listed="GEN_2\n")
    assert (done.returncode, calls[-1][1]) == (0, "deploy")


def test_an_unanswered_question_stops_the_build(tmp_path: pathlib.Path) -> None:
    """When the generation cannot be learned, nothing is deployed."""
    done, calls = _deploy(tmp_path, code=1)
    assert done.returncode != 0
    assert [call[1] for call in calls] == ["list"]


def test_a_missing_account_is_refused(tmp_path: pathlib.Path) -> None:
    """Without an account gcloud is not called at all: it would fall back to the Compute account."""
    done, calls = _deploy(tmp_path, _SERVICE_ACCOUNT="")
    assert (done.returncode, calls) == (1, [])
    assert "_SERVICE_ACCOUNT is empty" in done.stderr


@pytest.mark.parametrize(
    "value", ["A=1", "A=1,B=two words", "^;^A=1,2;B=3", 'A=it\'s "quoted" $(touch hurt) `touch hurt` $HOME *', "A=--x"]
)
def test_the_environment_is_merged_as_one_argument(tmp_path: pathlib.Path, value: str) -> None:
    """Commas, spaces, quotes and shell characters of the values reach gcloud as they are, and nothing runs them."""
    done, calls = _deploy(tmp_path, _ENV=value, _SECRETS=value)
    assert done.returncode == 0, done.stderr
    assert calls[1][-2:] == [f"--update-env-vars={value}", f"--update-secrets={value}"]
    assert not list((tmp_path / "workspace").iterdir())


def test_a_build_without_a_commit_says_so(tmp_path: pathlib.Path) -> None:
    """A build that was submitted by hand has no commit, and is labelled so."""
    _, calls = _deploy(tmp_path, COMMIT_SHA="")
    assert "--update-labels=commit-sha=unknown" in calls[1]
