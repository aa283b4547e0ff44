"""Where the bytes of documents lie: a folder, or any place that fsspec knows, under random keys; it knows no rows.

A key says nothing of what it names, and nothing that somebody typed is part of a path.
"""

import contextlib
import errno
import io
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

import fsspec
from flask import current_app
from fsspec.implementations.local import LocalFileSystem

from intake.extensions import db

KEY_BYTES = 32
KEY = re.compile(r"[0-9a-f]{64}")
PIECE = 2**16
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a system says when nothing more can be written."""
BESIDE, HERE = "documents", Path("instance", "documents")
"""Where documents lie when nothing is set: beside the file of SQLite, else under the folder of the process."""


class Away(Exception):
    """The storage cannot be read or written at the moment; `is_full`: because there is no room left."""

    def __init__(self, error: BaseException) -> None:
        self.is_full = isinstance(error, OSError) and error.errno in FULL
        super().__init__(f"The documents in {place()} cannot be reached: {error or type(error).__name__}")


def place() -> str:
    """The folder or the address where documents lie."""
    setting: str = current_app.config["DOCUMENTS"]
    if setting:
        return setting
    file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    return str((Path(file).parent / BESIDE if file else HERE).resolve())


def new_key() -> str:
    """A key that nobody can guess and nothing else has."""
    return secrets.token_hex(KEY_BYTES)


def put(key: str, content: IO[bytes]) -> None:
    """Store bytes and see them on the disk, or leave nothing. Raises `Away`."""
    with _reaching() as (files, root):
        path = _path(root, key)
        if isinstance(files, LocalFileSystem):
            Path(root).mkdir(mode=0o700, parents=True, exist_ok=True)
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            with files.open(path, "wb") as stored:
                while piece := content.read(PIECE):
                    stored.write(piece)
                stored.flush()
                _see_on_disk(stored)
        except BaseException:
            with contextlib.suppress(OSError):
                files.rm_file(path)
            raise


def _see_on_disk(stored: Any) -> None:
    """A file of a folder is one of the system's; elsewhere closing is what stores."""
    try:
        number = stored.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return
    os.fsync(number)


def open_to_read(key: str) -> BinaryIO:
    """The bytes of a document. Raises `Away`, also where there are none."""
    with _reaching() as (files, root):
        content: BinaryIO = files.open(_path(root, key), "rb")
        return content


def size(key: str) -> int | None:
    """How many bytes are stored under a key; None for no such file. Raises `Away`."""
    with _reaching() as (files, root):
        try:
            return int(files.size(_path(root, key)))
        except FileNotFoundError:
            return None


def remove(key: str) -> None:
    """Delete what is stored under a key, if anything is. Raises `Away`."""
    with _reaching() as (files, root), contextlib.suppress(FileNotFoundError):
        files.rm_file(_path(root, key))


def keys() -> Iterator[str]:
    """Every key under which something is stored. Raises `Away`."""
    with _reaching() as (files, root):
        files.invalidate_cache()
        names = (path.rpartition("/")[2] for path in (files.find(root) if files.exists(root) else ()))
        yield from (name for name in names if KEY.fullmatch(name))


def stored_at(key: str) -> datetime | None:
    """When something was stored under a key; None for no such file. Raises `Away`."""
    with _reaching() as (files, root):
        try:
            at: datetime = files.modified(_path(root, key))
        except FileNotFoundError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@contextlib.contextmanager
def _reaching() -> Iterator[tuple[Any, str]]:
    """The file system and the root in it; whatever it lacks or refuses is `Away`."""
    try:
        yield fsspec.url_to_fs(place(), use_listings_cache=False)
    except (OSError, ImportError, ValueError) as error:
        raise Away(error) from error


def _path(root: str, key: str) -> str:
    """Where a key lies: spread over folders, so that none holds too many files. Raises `ValueError` for no key."""
    if not KEY.fullmatch(key):
        raise ValueError("This is no key of a document.")
    return f"{root}/{key[:2]}/{key}"
