"""Has a document examined in a short-lived process with limits, and says in sentences why one is not taken."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _

from intake.documents.limits import ENDINGS, KINDS
from intake.models import DocumentType

EXAMINER = Path(__file__).with_name("examiner.py")
SECONDS = 20
"""How long it may take by the clock on the wall, on a machine that is busy; its own limit is one of the processor."""
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""What the process sees of the environment: no setting and no secret."""


class NotTaken(Exception):
    """A document is not taken; the sentence says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a document is, and what in it can act by itself."""

    type: DocumentType
    flags: tuple[str, ...] = ()


def examine(content: IO[bytes], ending: str) -> Found:
    """What the bytes of an open file are; `ending` is that of its name, in small letters, or nothing.

    Raises `NotTaken`.
    """
    if ending and ending not in ENDINGS:
        raise NotTaken(_sentence("unknown"))
    said = _said(content)
    if "type" not in said:
        raise NotTaken(_sentence(str(said.get("wrong", "damaged"))))
    found = Found(DocumentType(said["type"]), tuple(said["flags"]))
    if ending and ENDINGS[ending] is not found.type:
        kind = KINDS[found.type]
        said_so = _("By its content it is a file of the type %(type)s, and its name ends in .%(ending)s.")
        mend = _("Give it a name that ends in .%(right)s and add it again.", right=kind.endings[0])
        raise NotTaken(f"{said_so % {'type': kind.name, 'ending': ending}} {mend}")
    return found


def _said(content: IO[bytes]) -> Mapping[str, Any]:
    """What the examiner says; a process that failed, was ended or took too long says that it is too much."""
    content.seek(0)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - nothing in it was typed by anybody
            [sys.executable, "-I", str(EXAMINER)],
            stdin=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
        said: Mapping[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"wrong": "slow"}
    except ValueError:
        return {"wrong": "heavy"}
    return said


def _sentence(code: str) -> str:
    sentences = {
        "empty": _("The file is empty. Choose one that holds something."),
        "unknown": _("It is none of the types that we take: PDF, Word (DOCX), OpenDocument (ODT), PNG or JPEG."),
        "damaged": _("It cannot be read to its end: it is damaged. Open it yourself, save it anew and add it again."),
        "locked": _("It is locked with a password. Save it without one, so that we can read it, and add it again."),
        "heavy": _("It is too complicated for us to look into. Save it anew as a simple PDF and add it again."),
        "slow": _("We could not look into it in time. Add it again in a few minutes."),
        "bomb": _("Opened, it would grow to many times its size. Save it anew, or as a PDF, and add it again."),
        "tricks": _("It holds what no word processor writes. Save it anew, or as a PDF, and add it again."),
        "polyglot": _("Something else is hidden in the file. Open it yourself, save it anew and add it again."),
        "macros": _("It is a Word document with macros. Save it without them, or as a PDF, and add it again."),
        "pixels": _("The picture has more than 50 million pixels. Make it smaller and add it again."),
    }
    return str(sentences.get(code, sentences["damaged"]))
