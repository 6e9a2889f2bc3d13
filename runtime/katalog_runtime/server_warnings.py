"""What the API server warns of, told once: deprecated versions, unknown fields, Pod Security.

In: the `Warning` headers of answers (RFC 7234, 5.5; Kubernetes sends code 299 alone). Out: one log
line at WARNING for each distinct text, as kubectl and client-go show them. The memory is bounded: a
text that came long ago, with many others since, is told again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

from katalog_runtime.logs import LOGGER, MAX_TEXT, fields

REMEMBERED = 500
"""Distinct texts that are kept; each is cut to `MAX_TEXT`."""
_PERSISTENT = "299"
_VALUE = re.compile(r'(\d{3}) (?:[^\s"]+) "((?:[^"\\]|\\.)*)"(?: "[^"]*")?', re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


class ServerWarnings:
    """The warnings of one API server."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}
        self._log = logging.getLogger(LOGGER)

    def hear(self, headers: Iterable[str], method: str, path: str) -> None:
        """Log what was not said before; `method` and `path` tell which request was answered so."""
        for text in texts(headers):
            if text in self._told:
                continue
            while len(self._told) >= REMEMBERED:
                del self._told[next(iter(self._told))]
            self._told[text] = None
            facts = fields(warning=text, method=method, resource=path)
            self._log.warning("the API server warns", extra=facts)


def texts(headers: Iterable[str]) -> Iterator[str]:
    """The texts of all persistent warnings, decoded; a value that is malformed is passed over."""
    for header in headers:
        for code, quoted in _VALUE.findall(header):
            text = _decoded(_ESCAPED.sub(r"\1", quoted)).strip()
            if code == _PERSISTENT and text:
                yield "".join(each if each.isprintable() else " " for each in text[:MAX_TEXT])


def _decoded(text: str) -> str:
    """The text without RFC 2047's encoding, which stands for what is not ASCII."""
    if "=?" not in text:
        return text
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text
