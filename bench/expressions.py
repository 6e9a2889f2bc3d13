"""Rendering the ten children of a typical owner: our closures beside jinja2, in one run.

    PYTHONPATH=runtime python -m bench.expressions

Both render the same texts for the same owner, from templates compiled beforehand. Prints
microseconds for one owner and the ratio; exit code 1 where ours takes more than 1.5 times as long.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jinja2

from katalog_runtime.expressions import compile_template, dump_tree, load_tree
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalogc.expressions import parse

OWNER = {
    "apiVersion": "shop.example.com/v1",
    "kind": "Shop",
    "metadata": {
        "name": "orders",
        "namespace": "prod",
        "uid": "9b7d0f0e-6a0c-4c3e-9d5c-0f1f2a3b4c5d",
        "generation": 3,
        "labels": {"team": "checkout", "env": "prod"},
    },
    "spec": {
        "image": "registry.example.com/shop",
        "tag": "1.27.3",
        "replicas": 3,
        "port": 8080,
        "host": "shop.example.com",
        "tls": {"enabled": True, "secretName": "shop-tls"},
        "database": {"engine": "postgres", "host": "db.example.com", "port": 5432, "size": "10Gi"},
        "env": {"LOG_LEVEL": "info", "FEATURES": "a,b,c"},
        "resources": {"cpu": "250m", "memory": "256Mi"},
        "regions": ["eu", "us"],
        "schedule": "30 2 * * *",
        "debug": False,
    },
}

NAMED = ["{{ .metadata.name }}-%s", "{{ .metadata.namespace }}", "{{ .metadata.labels.team }}"]
CHILDREN = {
    "web": [
        "{{ .spec.image }}:{{ .spec.tag }}",
        "{{ .spec.replicas }}",
        "{{ .spec.port }}",
        "{{ .spec.resources.cpu }}",
        "{{ .spec.resources.memory }}",
        "{{ if .spec.debug }}debug{{ else }}{{ .spec.env.LOG_LEVEL }}{{ end }}",
    ],
    "service": ["{{ .spec.port }}", "{{ .metadata.name }}-web"],
    "ingress": [
        "{{ .spec.host }}",
        "{{ .metadata.name }}-service",
        "{{ if .spec.tls.enabled }}{{ .spec.tls.secretName }}{{ end }}",
    ],
    "config": [
        "{{ .spec.env.LOG_LEVEL }}",
        "{{ .spec.env.FEATURES }}",
        "{{ .spec.database.engine }}://{{ .spec.database.host }}:{{ .spec.database.port }}/orders",
        "{{ range .spec.regions }}{{ . }},{{ end }}",
    ],
    "database": [
        "{{ .spec.database.engine }}",
        "{{ .spec.database.size }}",
        "{{ .spec.database.port }}",
        '{{ if eq .spec.database.engine "postgres" }}pg_isready{{ else }}mysqladmin{{ end }}',
    ],
    "backup": ["{{ .spec.schedule }}", "{{ .spec.image }}-backup:{{ .spec.tag }}"],
    "account": ["{{ .kind }}"],
    "secret": ["{{ .spec.database.host }}", "{{ .metadata.uid }}", "app"],
    "budget": ["{{ .spec.replicas }}", "{{ .metadata.name }}-web"],
    "policy": [
        "{{ .metadata.namespace }}",
        "{{ .metadata.generation }}",
        "{{ .spec.port }}",
        "tcp",
    ],
}
CONTEXT = CallContext(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=random.Random(1))
ROUNDS, OWNERS = 15, 200


def texts() -> list[str]:
    """Every expression of every child."""
    out = []
    for child, fields in CHILDREN.items():
        out += [each.replace("%s", child) for each in NAMED]
        out += fields
    return out


def as_jinja(text: str) -> str:
    """The same expression as jinja2 writes it."""
    text = text.replace("{{ if eq .spec.database.engine ", "{% if spec.database.engine == ")
    for go, jinja in (
        ("{{ if .", "{% if "),
        ("{{ range .", "{% for each in "),
        ("{{ . }}", "{{ each }}"),
    ):
        text = text.replace(go, jinja)
    if "{% for" in text:
        text = text.replace("{{ end }}", "{% endfor %}")
    text = text.replace("{{ end }}", "{% endif %}").replace("{{ else }}", "{% else %}")
    out: list[str] = []
    for piece in text.split("{% "):
        if out and " }}" in piece.split("%}")[0]:
            piece = piece.replace(" }}", " %}", 1)
        out.append(piece)
    return "{% ".join(out).replace("{{ .", "{{ ")


def microseconds(render: Callable[[], Any]) -> float:
    """Processor time of one owner: the median round."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(OWNERS):
            render()
        rounds.append((time.process_time() - start) / OWNERS * 1e6)
    return statistics.median(rounds)


def main() -> int:
    """Print both times and their ratio."""
    sources = texts()
    ours = [compile_template(load_tree(dump_tree(parse(each))), TABLE) for each in sources]
    environment = jinja2.Environment(autoescape=False)
    theirs = [environment.from_string(as_jinja(each)) for each in sources]
    left = [each.render(OWNER, CONTEXT) for each in ours]
    right = [each.render(OWNER).strip() for each in theirs]
    if left != right:
        for text, a, b in zip(sources, left, right, strict=True):
            if a != b:
                print(f"differs: {text!r}: {a!r} and {b!r}")
        return 1
    gc.disable()
    mine = microseconds(lambda: [each.render(OWNER, CONTEXT) for each in ours])
    jinja = microseconds(lambda: [each.render(OWNER) for each in theirs])
    ratio = mine / jinja
    print(f"expressions: {len(sources)} texts of {len(CHILDREN)} children of one owner")
    print(f"  katalog_runtime {mine:8.1f} µs")
    print(f"  jinja2 {jinja:17.1f} µs")
    print(f"  ratio {ratio:18.2f} (at most 1.50)")
    return 0 if ratio <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
