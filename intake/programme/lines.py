"""Finds the line on which each key of a TOML text stands; it reads no values and judges nothing (tomllib does that)."""

import re
import tomllib
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''
      (?P<string> """(?:\\[\s\S]|(?!""")[\s\S])*"{3,5} | \'\'\'(?:(?!\'\'\')[\s\S])*\'{3,5}
                | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]*)
    | (?P<newline> \n)
    | (?P<mark> [\[\]{}=,])
    | (?P<bare> [^\s\[\]{}=,\#"']+)
    ''',
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def lines_of(text: str) -> dict[Path, int]:
    """Map each path, such as ("categories", 2, "name"), to its line; `text` must be TOML that tomllib has accepted."""
    return _Scan(text).lines


class _Scan:
    """One pass over the tokens of a valid document."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.lines: dict[Path, int] = {(): 1}
        self.last_index: dict[Path, int] = {}
        base: Path = ()
        while (token := self._peek()).kind != "end":
            if token.kind == "newline":
                self.at += 1
            elif token.text == "[":
                base = self._header()
            else:
                self._pair(base)

    def _peek(self) -> _Token:
        return self.tokens[self.at]

    def _take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _header(self) -> Path:
        line, depth = self._peek().line, 0
        while self._peek().text == "[":
            self.at += 1
            depth += 1
        parts = self._key_until("]")
        self.at += depth - 1
        path: Path = ()
        for part in parts[:-1]:
            path = self._inside((*path, part), line)
        path = (*path, parts[-1])
        self.lines.setdefault(path, line)
        if depth == 1:
            return path
        self.last_index[path] = self.last_index.get(path, -1) + 1
        path = (*path, self.last_index[path])
        self.lines[path] = line
        return path

    def _inside(self, path: Path, line: int) -> Path:
        self.lines.setdefault(path, line)
        return (*path, self.last_index[path]) if path in self.last_index else path

    def _pair(self, base: Path) -> None:
        line = self._peek().line
        path = base
        for part in self._key_until("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._value(path)

    def _key_until(self, end: str) -> list[str]:
        parts: list[str] = []
        while (token := self._take()).text != end or token.kind == "string":
            if token.kind == "string":
                parts.append(tomllib.loads(f"key = {token.text}")["key"])
            else:
                parts += [part for part in token.text.split(".") if part]
        return parts

    def _value(self, path: Path) -> None:
        token = self._take()
        if token.kind == "mark" and token.text == "[":
            self._array(path)
        elif token.kind == "mark" and token.text == "{":
            self._inline_table(path)
        else:
            while self._peek().kind == "bare":  # a date and a time may have a space between them
                self.at += 1

    def _array(self, path: Path) -> None:
        index = 0
        while (token := self._peek()).text != "]" or token.kind == "string":
            if token.kind == "newline" or (token.kind == "mark" and token.text == ","):
                self.at += 1
                continue
            self.lines[(*path, index)] = token.line
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        while (token := self._peek()).text != "}" or token.kind == "string":
            if token.kind == "newline" or (token.kind == "mark" and token.text == ","):
                self.at += 1
                continue
            self._pair(path)
        self.at += 1


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    line, counted = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        if found.lastgroup not in (None, "comment"):
            tokens.append(_Token(str(found.lastgroup), found.group(), line))
    tokens.append(_Token("end", "", line))
    return tokens
