"""Reads the CSV files that lie in data/, and picks a name by language; it gives no row a meaning."""

import csv
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

LANGUAGES: tuple[str, ...] = ("en", "ar", "zh", "es", "fr", "ru")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of data/`name`, also from an installed wheel."""
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def names(row: Mapping[str, str], *, prefix: str = "") -> Mapping[str, str]:
    return MappingProxyType({language: row[prefix + language] for language in LANGUAGES})


def pick(names: Mapping[str, str], language: str) -> str:
    """The name in a language or its variant (“zh_Hans”, “fr-CH”), else in English."""
    return names.get(language.replace("-", "_").split("_")[0].lower(), names["en"])
