"""Where the folders beside the code are, in a checkout and in an installed wheel; it never opens what is in them."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """A wheel carries `templates` and `migrations` inside the package; a checkout keeps them beside it."""
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
