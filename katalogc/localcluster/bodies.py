"""Request bodies and YAML texts as JSON data.

YAML is read the way the API server reads it: as JSON with another notation, so time stamps stay
text, and only mappings with string keys make objects.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
import yaml

from katalog_runtime.objects import Manifest
from katalogc.localcluster.statuses import bad_request


class _Loader(yaml.CSafeLoader):
    """YAML without time stamps, as `sigs.k8s.io/yaml` reads it."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse_yaml(text: bytes | str) -> Any:
    """One YAML (or JSON) document.

    Raises:
        Refusal: 400.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, minus time stamps
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise bad_request(
            f"error decoding YAML: error converting YAML to JSON: yaml: {reason}"
        ) from error


def parse_yaml_documents(text: str) -> list[Manifest]:
    """The documents of a YAML text, empty ones left out.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    documents = yaml.load_all(text, Loader=_Loader)
    return [each for each in documents if each]


_LONG_NUMBER = re.compile(rb"\.0|\d[eE]|\d{19}")
"""What a whole number may be written with, beside its digits (texts may hold it too)."""


def _as_go_reads(raw: bytes) -> Any:
    value = orjson.loads(raw)
    return _with_short_numbers(value) if _LONG_NUMBER.search(raw) else value


def _with_short_numbers(value: Any) -> Any:
    """Go prints 1.0 and 1e3 as 1 and 1000, so that is what a body with them says."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 63:
        return int(value)
    if type(value) is int and value >= 1 << 63:
        return float(value)  # beyond Go's int64
    if isinstance(value, dict):
        return {name: _with_short_numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_short_numbers(each) for each in value]
    return value


def _complaint(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """What Go's decoder says, for the commonest mistake; else what ours says."""
    return "unexpected end of JSON input" if not raw or error.pos >= len(raw) else str(error)


def parse_patch(raw: bytes) -> Any:
    """A patch body.

    Raises:
        Refusal: 400.
    """
    try:
        return _as_go_reads(raw)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"error decoding patch: {_complaint(raw, error)}") from error


def parse_json(raw: bytes, kind: str) -> Any:
    """A JSON body.

    Raises:
        Refusal: 400.
    """
    try:
        return _as_go_reads(raw)
    except orjson.JSONDecodeError as error:
        shown = raw[:1024].decode(errors="replace") or "<empty>"
        reason = _complaint(raw, error)
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): couldn't get "
            f"version/kind; json parse error: {reason} ({shown})"
        ) from error
