"""The file of a backup: a tar of named members behind a manifest with the hash of each; it knows no database.

Nothing in a file is believed before its hash is right, and no path in it is followed: a member is read by a name that
the manifest says and this module allows, and written where the caller says.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 1
"""Grows when an older program could not read what a newer one writes."""
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
PROGRAMME = "programme.toml"
MOST_OF_A_MANIFEST = 100_000_000
PIECE = 2**20
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9][a-z0-9_-]*)*")
Tell = Callable[[int], object]
"""Is told how much more is done."""


class BackupError(Exception):
    """A backup cannot be made or used; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Histories:
    """How many histories were looked at, and what did not hold in them."""

    number: int
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `counts` are rows by table; no `histories`: the tables were of an older version.

    `lacking`: how many documents had a row and no file.
    """

    version: str
    created_at: str
    revision: str
    database: str
    counts: Mapping[str, int]
    histories: Histories | None
    members: Sequence[Member]
    lacking: int = 0

    @property
    def size(self) -> int:
        """The bytes of all members."""
        return sum(member.size for member in self.members)


def member(name: str, file: Path) -> Member:
    """A file as it goes into a backup."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return Member(name, size, digest.hexdigest())


def write(file: Path, manifest: Manifest, folder: Path, tell: Tell) -> None:
    """Write a backup with the members that lie in `folder`, readable by its owner alone, and see it on the disk."""
    words = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1, ensure_ascii=False).encode()
    seal = f"{hashlib.sha256(words).hexdigest()}  {MANIFEST}\n".encode()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as whole:
        with tarfile.open(fileobj=whole, mode="w") as tar:
            for name, content in ((MANIFEST, words), (SEAL, seal)):
                tar.addfile(_header(name, len(content)), io.BytesIO(content))
            for each in manifest.members:
                with (folder / each.name).open("rb") as source:
                    tar.addfile(_header(each.name, each.size), _Told(source, tell))
        whole.flush()
        os.fsync(whole.fileno())


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


class _Told(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, content: IO[bytes], tell: Tell) -> None:
        self._content, self._tell = content, tell

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._content.read(size)
        self._tell(len(piece))
        return piece


class Archive:
    """An open backup whose manifest is right."""

    def __init__(self, file: Path, tar: tarfile.TarFile) -> None:
        self._file, self._tar = file, tar
        found = self._headers()
        if [header.name for header in found[:2]] != [MANIFEST, SEAL]:
            raise BackupError(f"{file} is no backup of this product: it does not begin with {MANIFEST}.")
        self.manifest = _read_manifest(*(self._small(header) for header in found[:2]))
        self._known = {header.name: header for header in found[2:]}
        _compare_names(found[2:], self.manifest)

    def check(self, tell: Tell) -> None:
        """Read every member. Raises `BackupError` with the name of one that is not as it was written."""
        for each in self.manifest.members:
            self._read(each, lambda piece: tell(len(piece)))

    def extract(self, name: str, into: Path) -> None:
        """Write a member to a file that does not exist yet, readable by its owner alone. Raises `BackupError`."""
        each = next(member for member in self.manifest.members if member.name == name)
        with os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            self._read(each, written.write)
            written.flush()
            os.fsync(written.fileno())

    def _headers(self) -> list[tarfile.TarInfo]:
        headers = list(self._tar)
        for header in headers:
            if not header.isreg() or header.issparse() or not NAME.fullmatch(header.name):
                raise BackupError(
                    f"{self._file} holds “{header.name}”, which no backup holds. Nothing was read from it."
                )
        return headers

    def _small(self, header: tarfile.TarInfo) -> bytes:
        content = self._tar.extractfile(header)
        if content is None or header.size > MOST_OF_A_MANIFEST:
            raise BackupError(f"{header.name} is too long for what it is.")
        return content.read()

    def _read(self, each: Member, take: Callable[[bytes], object]) -> None:
        digest, content = hashlib.sha256(), self._tar.extractfile(self._known[each.name])
        while content is not None and (piece := content.read(PIECE)):
            digest.update(piece)
            take(piece)
        if digest.hexdigest() != each.sha256:
            raise BackupError(f"{each.name} in {self._file} is not as it was written. Use another backup.")


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """A backup to read. Raises `BackupError` when it is none, was cut short or was changed."""
    try:
        with tarfile.open(file, "r:") as tar:
            yield Archive(file, tar)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{file} is no backup, or was cut short: {error}.") from error


def _read_manifest(words: bytes, seal: bytes) -> Manifest:
    if seal.decode("ascii", "replace").split()[:1] != [hashlib.sha256(words).hexdigest()]:
        raise BackupError(f"{MANIFEST} is not as it was written. Use another backup.")
    try:
        content = json.loads(words)
        if content.pop("format") != FORMAT:
            raise BackupError("The backup was made by a newer version of the program. Restore it with that one.")
        return _manifest(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{MANIFEST} does not say what a backup holds.") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    histories = content.pop("histories")
    return Manifest(
        **{
            **content,
            "histories": Histories(**histories) if histories else None,
            "members": [Member(**each) for each in content["members"]],
        }
    )


def _compare_names(found: Sequence[tarfile.TarInfo], manifest: Manifest) -> None:
    """A name twice, one too many and one that is missing are all the same: this is not what was written."""
    wanted = [(each.name, each.size) for each in manifest.members]
    for given, said in zip([(header.name, header.size) for header in found], wanted, strict=False):
        if given != said:
            raise BackupError(f"{said[0]} is not as it was written. Use another backup.")
    if len(found) < len(wanted):
        raise BackupError(f"{wanted[len(found)][0]} is missing: the backup was cut short. Use another one.")
    if len(found) > len(wanted):
        raise BackupError(f"“{found[len(wanted)].name}” does not belong to the backup. Use another one.")
