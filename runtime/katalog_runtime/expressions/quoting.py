"""Go's quoted forms: strings and runes as Go source, escapes for HTML, JavaScript, URLs."""

from __future__ import annotations

import unicodedata

from katalog_runtime.expressions.values import from_bytes, go_bytes

_ESCAPES = {
    7: "\\a",
    8: "\\b",
    12: "\\f",
    10: "\\n",
    13: "\\r",
    9: "\\t",
    11: "\\v",
    92: "\\\\",
}
_REPLACEMENT = 0xFFFD


def is_printable(code: int) -> bool:
    """Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, the ASCII space."""
    if code == 0x20:
        return True
    return unicodedata.category(chr(code))[0] in "LMNPS"


def _escaped(code: int, quote: str, ascii_only: bool) -> str:
    if code == ord(quote):
        return "\\" + quote
    if code in _ESCAPES:
        return _ESCAPES[code]
    if is_printable(code) and (code < 0x80 or not ascii_only):
        return chr(code)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_string(text: str, *, ascii_only: bool = False) -> str:
    """`text` as a double-quoted Go string."""
    out = ['"']
    for character in from_bytes(go_bytes(text)):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02x}")
        else:
            out.append(_escaped(code, '"', ascii_only))
    out.append('"')
    return "".join(out)


def valid_rune(code: int) -> int:
    """`code`, or U+FFFD where it is no Unicode character."""
    if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
        return code
    return _REPLACEMENT


def quote_rune(code: int, *, ascii_only: bool = False) -> str:
    """A code point as a Go character constant."""
    return f"'{_escaped(valid_rune(code), chr(39), ascii_only)}'"


def can_backquote(text: str) -> bool:
    """Whether `text` can stand between backquotes as it is."""
    for character in text:
        if character in "`\ufeff\x7f" or "\udc80" <= character <= "\udcff":
            return False
        if character < " " and character != "\t":
            return False
    return True


_HTML = str.maketrans(
    {"'": "&#39;", '"': "&#34;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"}
)


def html(text: str) -> str:
    """`text` with the five special characters of HTML as entities."""
    return text.translate(_HTML)


_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E"}
_JS |= {"&": "\\u0026", "=": "\\u003D"}


def javascript(text: str) -> str:
    """`text` as the inside of a JavaScript string."""
    out = []
    for character in text:
        code = ord(character)
        if character in _JS:
            out.append(_JS[character])
        elif code < 0x20:
            out.append(f"\\u{code:04X}")
        elif code < 0x80 or 0xDC80 <= code <= 0xDCFF or is_printable(code):
            out.append(character)
        else:
            out.append(f"\\u{code:04X}")
    return "".join(out)


_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def url_query(text: str) -> str:
    """`text` escaped for a place in a URL's query."""
    return "".join(
        chr(byte) if byte in _UNRESERVED else "+" if byte == 0x20 else f"%{byte:02X}"
        for byte in go_bytes(text)
    )
