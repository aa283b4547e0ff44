"""What is shipped: the wheel opens a page where there is no checkout, and the pinned requirements are complete."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"[a-z0-9][a-z0-9._-]*==[^\s;]+( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
OUTSIDE = ("tests/", "bench/", "docs/", "templates/", "migrations/", "instance/", "requirements/")

OPEN_THE_FIRST_PAGE = """
import json
import intake, workflows
from intake import create_app
client = create_app().test_client()
page = client.get("/", follow_redirects=True)
found = {"intake": intake.__file__, "workflows": workflows.__file__, "status": page.status_code, "type": page.mimetype}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], cwd=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel, sees this one's packages, and never the checkout."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python"]
    _run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], cwd=home)
    [packages] = home.glob("lib/python*/site-packages")
    # A plain path line adds the folder without reading its .pth files, so the checkout installed there stays unseen.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def test_the_wheel_carries_what_the_application_reads(wheel):
    names = _names(wheel)

    assert {f"intake/{path}" for path in _kept("templates") | _kept("migrations")} <= names
    assert _kept("intake") | _kept("workflows") <= names
    assert _suffixes(names, "intake/programme/") >= {".toml", ".csv", ".py"}
    assert "intake/static/app.css" in names
    assert "intake/migrations/env.py" in names
    assert _suffixes(names, "intake/templates/") >= {".html"}


def test_the_wheel_carries_nothing_else(wheel):
    names = _names(wheel)

    assert [name for name in names if name.startswith(OUTSIDE)] == []
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"intake", "workflows"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".sqlite", ".db"))] == []


def test_the_installed_wheel_migrates_a_database_and_opens_a_page(installed, tmp_path):
    environment = _bare_environment() | {
        "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'intake.sqlite'}",
        "INTAKE_SECRET_KEY": "a secret of this test alone, long enough to be taken",
    }

    _run([installed / "python", "-I", installed / "intake", "db", "upgrade"], cwd=tmp_path, env=environment)
    answer = _run([installed / "python", "-I", "-c", OPEN_THE_FIRST_PAGE], cwd=tmp_path, env=environment)

    found = json.loads(answer.splitlines()[-1])
    assert Path(found.pop("intake")).is_relative_to(installed.parent)
    assert Path(found.pop("workflows")).is_relative_to(installed.parent)
    assert found == {"status": 200, "type": "text/html"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_one_release_with_its_hashes(lock):
    lines = [line for line in lock.read_text().splitlines() if line and not line.startswith("#")]

    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []
    assert [line for line, after in pairwise(lines) if PIN.match(line) and PIN.match(after)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_requirements_name_no_address_and_no_place(lock):
    assert re.findall(r"\S*://\S*|file:\S*|(?<=\s)~?/\S+", lock.read_text()) == []


def test_what_runs_is_what_was_tested():
    everything = _pins("dev.txt")

    assert {name: _pins(name) - everything for name in ("runtime.txt", "build.txt")} == {
        "runtime.txt": set(),
        "build.txt": set(),
    }


def _pins(name: str) -> set[str]:
    text = (ROOT / "requirements" / name).read_text()
    return set(re.findall(r"^[a-z0-9][^\s;]*==[^\s;]+", text, re.MULTILINE))


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _kept(folder: str) -> set[str]:
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def _suffixes(names: set[str], start: str) -> set[str]:
    return {Path(name).suffix for name in names if name.startswith(start)}


def _bare_environment() -> dict[str, str]:
    """Nothing that would lead Python, coverage or the application back to the checkout, or be printed by a failure."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def _run(command: list[str | Path], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    finished = subprocess.run(command, cwd=cwd, env=env or os.environ, capture_output=True, text=True, timeout=240)
    assert finished.returncode == 0, f"{command} said:\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout
