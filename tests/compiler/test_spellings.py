"""Every published spelling of a Katalog means the same operator."""

from __future__ import annotations

import pytest

from katalogc.compiler import check_file, lower_file
from katalogc.ir import ControllerIR
from tests.compiler.katalogs import TextFiles

HEAD = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: {name: shop}\n"
TYPES = "apiTypes: {group: shop.example.com, version: v1, kind: Order, plural: orders}"
FLAT = f"""
spec:
  crds:
    order:
      {TYPES}
      allowedNamespaces: [shop]
      operatorBox:
        reconciler: {{workers: 5, resync: 30s, queue: {{maxDepth: 7}}}}
        onCreate:
          configMaps: [{{data: {{A: "{{{{ .spec.a }}}}"}}, labels: {{team: shop}}}}]
        status: {{fields: [{{path: phase, value: Running}}]}}
"""
GROUPED = f"""
spec:
  crds:
    order:
      {TYPES}
      operatorBox:
        runtime: {{allowedNamespaces: [shop]}}
        reconcile:
          workers: 5
          resync: 30s
          queue: {{maxDepth: 7}}
          onCreate:
            configMaps: [{{data: {{A: "{{{{ .spec.a }}}}"}}, labels: {{team: shop}}}}]
        emit:
          status: {{fields: [{{path: phase, value: Running}}]}}
"""
ENTRY_LEVEL = f"""
spec:
  crds:
    order:
      {TYPES}
      allowedNamespaces: [shop]
      workers: 5
      resync: 30s
      queue: {{maxDepth: 7}}
      operatorBox:
        default: true
        onCreate:
          configMaps: [{{data: {{A: "{{{{ .spec.a }}}}"}}, labels: [{{key: team, value: shop}}]}}]
        status: {{fields: [{{path: phase, value: Running}}]}}
"""
LISTED = f"""
spec:
  crds:
    - name: order
      {TYPES}
      allowedNamespaces: [shop]
      workers: 5
      resync: 30s
      queue: {{maxDepth: 7}}
      reconciler:
        default: true
        onCreate:
          configMaps: [{{data: {{A: "{{{{ .spec.a }}}}"}}, labels: {{team: shop}}}}]
        status: {{fields: [{{path: phase, value: Running}}]}}
"""


def controller(text: str) -> ControllerIR:
    files = TextFiles({"katalog.yaml": text})
    assert [e for e in check_file("katalog.yaml", files).diagnostics if e.code.id != "KAT309"] == []
    operator = lower_file("katalog.yaml", files)
    assert operator is not None
    return operator.controllers[0]


def essence(one: ControllerIR) -> object:
    children = [
        (
            each.id,
            each.sync,
            each.manifest.skeleton,
            [(hole.path, hole.expression.text) for hole in each.manifest.holes],
        )
        for each in one.children
    ]
    status = [(each.path, each.value.skeleton) for each in one.status_fields]
    return (one.name, one.namespaces, one.workers, one.resync_seconds, one.queue_depth, children,
            status)  # fmt: skip


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(GROUPED, id="grouped"),
        pytest.param(ENTRY_LEVEL, id="entry-level"),
        pytest.param(LISTED, id="listed"),
    ],
)
def test_spelling_means_the_same_operator(spelling: str) -> None:
    assert essence(controller(HEAD + spelling)) == essence(controller(HEAD + FLAT))


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("orkestra.konductor.io/v1Alpha", "Katalog"),
        ("inrun.dev/v1", "Catalog"),
        ("orkestra.orkspace.io/v1", "Catalog"),
    ],
)
def test_old_and_new_headings_are_katalogs(api_version: str, kind: str) -> None:
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: shop}}\n" + FLAT
    assert essence(controller(text)) == essence(controller(HEAD + FLAT))


@pytest.mark.parametrize(
    "depends",
    [
        "[customer]",
        "{customer: started}",
        "{customer: {condition: started}}",
        "[{name: customer}]",
    ],
)
def test_dependencies_may_be_a_list_or_a_map(depends: str) -> None:
    other = TYPES.replace("Order", "Customer").replace("orders", "customers")
    text = f"{HEAD}\nspec:\n  crds:\n    order:\n      {TYPES}\n      dependsOn: {depends}\n"
    text += f"    customer: {{{other}}}\n"
    assert controller(text).depends_on == ("customer",)
