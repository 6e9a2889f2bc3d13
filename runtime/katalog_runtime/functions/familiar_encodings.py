"""Names for JSON, YAML, base64, hashes and kinds that users of Go templates know from Sprig and
Helm. Pure.

Where those answer a mistake with an empty value or with the error's text as the value (`fromYaml`,
`b64dec`), we end with an error. `fromJson` stays silent, as they know it; `mustFromJson` does not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import from_bytes
from katalog_runtime.functions.data import decode_base64, encode_base64, octets
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import bounded_text, from_json, to_json
from katalog_runtime.functions.signature import ANY_TYPE, declare, kind_of
from katalog_runtime.functions.yaml_text import from_yaml, to_yaml

_declare = partial(declare, group="data")
_KINDS: Final = {
    "nil": "invalid", "bool": "bool", "int": "int64", "float": "float64", "string": "string",
    "list": "slice", "map": "map",
}  # fmt: skip


def _from_json(text: str) -> Any:
    try:
        return from_json(text)
    except FunctionError:
        return None


def _typed(value: Any, kind: type, word: str) -> Any:
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise FunctionError(f"expected {word}; got {kind_of(value)}")
    return value


def _pretty(value: Any) -> str:
    return to_json(value, indent="  ")


def _raw(value: Any) -> str:
    return to_json(value, html=False)


def _encode_base32(text: str) -> str:
    bounded_text(len(text) * 2)
    return base64.b32encode(octets(text)).decode("ascii")


def _decode_base32(text: str) -> str:
    try:
        return from_bytes(base64.b32decode(text.replace("\n", "").replace("\r", "")))
    except (binascii.Error, ValueError):
        raise FunctionError("illegal base32 data") from None


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "toPrettyJson value:any -> string",
        "The value as JSON in lines, indented by two.",
        _pretty,
        ('{{ toPrettyJson (dict "a" 1) }}', '{\n  "a": 1\n}'),
        on_nil='"null"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "toRawJson value:any -> string",
        "The value as JSON in which `<`, `>` and `&` stay as they are.",
        _raw,
        ('{{ toRawJson "a<b" }}', '"a<b"'),
        on_nil='"null"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "mustToJson value:any -> string",
        "Another name of `toJson`.",
        lambda value: to_json(value),
        ("{{ mustToJson (list 1) }}", "[1]"),
        on_nil='"null"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "fromJson text:string? -> any",
        "The value of a JSON text; nil where it is none.",
        _from_json,
        ('{{ (fromJson `{"a": 1}`).a }}', "1"),
        on_nil='""',
    ),
    _declare(
        "mustFromJson text:string? -> any",
        "The value of a JSON text; an error where it is none.",
        from_json,
        ('{{ mustFromJson "[1, 2]" }}', "[1 2]"),
    ),
    _declare(
        "fromJsonArray text:string? -> list",
        "The list of a JSON text.",
        lambda text: _typed(from_json(text), list, "a list"),
        ('{{ fromJsonArray "[1, 2]" }}', "[1 2]"),
    ),
    _declare(
        "toYaml value:any -> string",
        "The value as YAML, keys sorted, indented by two.",
        to_yaml,
        ('{{ toYaml (dict "a" (list 1 "x") "b" "true") }}', 'a:\n- 1\n- x\nb: "true"'),
        on_nil='"null"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "fromYaml text:string? -> map",
        "The map of a YAML text.",
        lambda text: _typed(from_yaml(text), dict, "a map"),
        ('{{ (fromYaml "a: {b: 1}").a.b }}', "1"),
        on_nil='"map[]"',
    ),
    _declare(
        "fromYamlArray text:string? -> list",
        "The list of a YAML text.",
        lambda text: _typed(from_yaml(text), list, "a list"),
        ('{{ fromYamlArray "[a, b]" }}', "[a b]"),
        on_nil='"[]"',
    ),
    _declare(
        "b64enc text:string? -> string",
        "The text in standard base64.",
        encode_base64,
        ('{{ b64enc "hello" }}', "aGVsbG8="),
        on_nil='""',
    ),
    _declare(
        "b64dec text:string? -> string",
        "The text behind standard base64.",
        decode_base64,
        ('{{ b64dec "aGVsbG8=" }}', "hello"),
        on_nil='""',
    ),
    _declare(
        "b32enc text:string? -> string",
        "The text in base32.",
        _encode_base32,
        ('{{ b32enc "hello" }}', "NBSWY3DP"),
        on_nil='""',
    ),
    _declare(
        "b32dec text:string? -> string",
        "The text behind base32.",
        _decode_base32,
        ('{{ b32dec "NBSWY3DP" }}', "hello"),
        on_nil='""',
    ),
    _declare(
        "sha1sum text:string? -> string",
        "The SHA-1 of the text, 40 hexadecimal digits.",
        lambda text: hashlib.sha1(octets(text), usedforsecurity=False).hexdigest(),
        ('{{ sha1sum "hello" }}', "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        on_nil='"da39a3ee5e6b4b0d3255bfef95601890afd80709"',
    ),
    _declare(
        "sha512sum text:string? -> string",
        "The SHA-512 of the text, 128 hexadecimal digits.",
        lambda text: hashlib.sha512(octets(text)).hexdigest(),
        ('{{ trunc 16 (sha512sum "hello") }}', "9b71d224bd62f378"),
        on_nil='"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce'
        '47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"',
    ),
    _declare(
        "adler32sum text:string? -> string",
        "The Adler-32 checksum of the text, decimal.",
        lambda text: str(zlib.adler32(octets(text))),
        ('{{ adler32sum "hello" }}', "103547413"),
        on_nil='"1"',
    ),
    _declare(
        "kindOf value:any -> string",
        "string, int64, float64, bool, slice, map or invalid.",
        lambda value: _KINDS[kind_of(value)],
        ("{{ kindOf .spec }}", "map", {"spec": {}}),
        on_nil='"invalid"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "kindIs kind:string? value:any -> bool",
        "Whether `kindOf` the value is that word.",
        lambda kind, value: _KINDS[kind_of(value)] == kind,
        ('{{ kindIs "slice" (list 1) }}', "true"),
        on_nil='"false"',
    ),
)
