"""Keeps everything that a site holds in one file, taken while people work, and puts it back; no key is in it."""

from intake.backups.archive import BackupError, Histories, Manifest
from intake.backups.making import make
from intake.backups.restoring import Restored, restore

__all__ = ["BackupError", "Histories", "Manifest", "Restored", "make", "restore"]
