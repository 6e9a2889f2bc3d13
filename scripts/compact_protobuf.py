"""Field numbers of the built-in types' protobuf messages, for reading request bodies of typed clients.

In: the `generated.proto` files of the Go modules `k8s.io/api` and `k8s.io/apimachinery`. Out:
`katalogc/localcluster/protobuf.json.gz`, deterministic: message -> field number -> [JSON name, form,
type]. Form is `one`, `many`, `map` or `inline` (an embedded struct whose fields belong to the object
around it; known by its absence from the OpenAPI schema).

    python scripts/compact_protobuf.py MODULES/k8s.io/api@v0.36.3 MODULES/k8s.io/apimachinery@v0.36.3
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from pathlib import Path

from katalogc.openapi import catalogue

TARGET = Path(__file__).parents[1] / "katalogc" / "localcluster" / "protobuf.json.gz"
META = "k8s.io.apimachinery.pkg."
_MESSAGE = re.compile(r"^message (\w+) \{$")
_FIELD = re.compile(r"^\s+(?:(optional|repeated) )?(map<\w+, ?[\w.]+>|[\w.]+) (\w+) = (\d+);")

Messages = dict[str, dict[str, list[str]]]


def read(folder: Path) -> Messages:
    """The messages of all `generated.proto` files below a folder."""
    found: Messages = {}
    for path in sorted(folder.rglob("generated.proto")):
        text = path.read_text()
        match = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        if match is None or "testapigroup" in match[1]:
            continue
        package, message = match[1], ""
        for line in text.splitlines():
            if opened := _MESSAGE.match(line):
                message = f"{package}.{opened[1]}"
                found[message] = {}
            elif field := _FIELD.match(line):
                label, type_, name, number = field.groups()
                form = "many" if label == "repeated" else "one"
                if type_.startswith("map<"):
                    form, type_ = "map", type_[4:-1].split(",")[1].strip()
                type_ = type_.removeprefix(".")
                if "." not in type_ and type_[0].isupper():
                    type_ = f"{package}.{type_}"
                found[message][number] = [name, form, type_]
    return found


def mark_inlined(messages: Messages) -> None:
    """Finds the embedded structs: fields that the OpenAPI schema of their message does not have."""
    known = catalogue()
    names = set(known.definition_names)
    for message, fields in messages.items():
        definition = "io.k8s." + message.removeprefix("k8s.io.")
        if definition not in names:
            continue
        properties = known.raw_definition(definition).get("properties", {})
        for field in fields.values():
            lower = field[0][:1].lower() + field[0][1:]
            if lower in properties:
                field[0] = lower  # two messages spell a field like its Go name
            elif properties and field[2] in messages:
                field[1] = "inline"


def main() -> None:
    """Reads the folders given as arguments and writes the data file."""
    messages: Messages = {}
    for argument in sys.argv[1:]:
        messages |= read(Path(argument))
    mark_inlined(messages)
    served = {each.version for each in catalogue().resources}
    kept = {
        name: fields
        for name, fields in messages.items()
        if name.startswith(META) or name.split(".")[-2] in served
    }
    raw = json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=9) as file:
        file.write(raw)
    TARGET.write_bytes(buffer.getvalue())
    sys.stdout.write(f"{len(kept)} messages, {len(buffer.getvalue())} bytes\n")


if __name__ == "__main__":
    main()
