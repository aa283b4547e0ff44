"""The examples of `deploy/`: every setting is known, every command exists, and no applicant's link reaches a log."""

import re
import shutil
import subprocess
import urllib.error
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.cli import main
from intake.config import SETTINGS
from tests.test_serving import free_port, page, wait_for

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ENABLE_NGINX = "to enable: apt-get install -y nginx-light"
ENABLE_SYSTEMD = "to enable: apt-get install -y systemd"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_of_the_examples_is_known(path: Path) -> None:
    known = {f"INTAKE_{setting.name}" for setting in SETTINGS}

    assert set(re.findall(r"\bINTAKE_[A-Z_]+", read(path))) - known == set()


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (words.split()[:1], re.findall(r"--[a-z]+", words))
        for unit in UNITS
        for words in re.findall(r"^ExecStart=/opt/intake/bin/intake (.+)$", read(unit), re.MULTILINE)
    ]
    + [
        (re.findall(r"[a-z]+", words)[:1], re.findall(r"--[a-z]+", words))
        for words in re.findall(
            r"^    command: \[((?:web|worker|beat|db)[^\]]*)\]", read(DEPLOY / "compose.yaml"), re.MULTILINE
        )
        + re.findall(r"^CMD \[(.+)\]$", read(DEPLOY / "Containerfile"), re.MULTILINE)
    ],
)
def test_every_command_of_the_examples_exists_with_its_options(words: list[str], options: list[str]) -> None:
    command = main.commands[words[0]]

    assert set(options) <= {option for parameter in command.params for option in parameter.opts}


def test_every_role_has_a_unit_and_a_service() -> None:
    services = set(re.findall(r"^  ([a-z]+):$", read(DEPLOY / "compose.yaml").split("\nservices:")[1], re.MULTILINE))

    assert {unit.name for unit in UNITS} == {"intake-web.service", "intake-worker@.service", "intake-beat.service"}
    assert services >= {"postgres", "redis", "migrate", "web", "worker", "beat", "nginx"}


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze") or pytest.skip(f"no systemd-analyze on the PATH ({ENABLE_SYSTEMD})")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(read(unit).replace("/opt/intake/bin/intake", "/bin/true"))

    done = subprocess.run(
        [program, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)], capture_output=True, text=True
    )

    assert [line for line in done.stderr.splitlines() if "intake-" in line] == []


@dataclass(frozen=True)
class Nginx:
    """The example as it stands, but for ports, certificates and places; `command` runs it."""

    command: list[str]
    port: int
    log: Path


@pytest.fixture
def nginx(tmp_path: Path) -> Nginx:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip(f"no nginx on the machine ({ENABLE_NGINX})")
    port, log = free_port(), tmp_path / "access.log"
    here = re.sub(r"ssl_certificate\S* .*;", "", read(DEPLOY / "nginx.conf"))
    for example, tested in {
        "server web:8000": f"server 127.0.0.1:{free_port()}",
        "include mime.types": "include /etc/nginx/mime.types",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "listen 80 default_server;": f"listen 127.0.0.1:{free_port()};",
        "access_log /dev/stdout": f"access_log {log}",
        "error_log /dev/stderr": f"error_log {tmp_path / 'error.log'}",
        "pid /run/nginx.pid;": f"pid {tmp_path / 'pid'};",
    }.items():
        assert here.count(example) == 1, example
        here = here.replace(example, tested)
    (tmp_path / "nginx.conf").write_text(here)
    return Nginx([program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], port, log)


def test_nginx_reads_the_example(nginx: Nginx) -> None:
    done = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True)

    assert (done.returncode, "test is successful" in done.stderr) == (0, True), done.stderr


def test_nginx_keeps_the_links_of_applicants_and_what_was_searched_out_of_its_log(nginx: Nginx) -> None:
    with subprocess.Popen([*nginx.command, "-g", "daemon off;"]) as process:
        try:
            wait_for(nginx.port)
            for path in ("/link/only-for-its-owner", "/staff/queue?words=a-name"):
                with pytest.raises(urllib.error.HTTPError):
                    page(f"http://127.0.0.1:{nginx.port}{path}")
        finally:
            process.terminate()

    said = nginx.log.read_text()
    assert re.findall(r"GET (\S+) ", said) == ["/link/...", "/staff/queue"]
    assert "only-for" not in said + (nginx.log.parent / "error.log").read_text()
