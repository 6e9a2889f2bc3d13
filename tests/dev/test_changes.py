"""What `dev` shows of a saved change: what is different for the cluster, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from katalog_runtime.bundle import Bundle
from katalogc.changes import changes
from katalogc.compiler import compile_path

BEFORE = """\
apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: {name: shop}
spec:
  crds:
    cart:
      apiTypes: {group: shop.example.com, version: v1, kind: Cart, plural: carts}
      operatorBox:
        onCreate:
          configMaps:
            - name: "{{ .metadata.name }}-config"
              data: {SIZE: "{{ .spec.size }}"}
        status:
          fields:
            - {path: phase, value: Open}
"""
SECRET = """\
          secrets:
            - name: "{{ .metadata.name }}-key"
              once: true
              data: {key: "{{ randomHex 8 }}"}
"""


def compiled(text: str, folder: Path) -> Bundle:
    file = folder / "katalog.yaml"
    file.write_text(text)
    bundle = compile_path(str(file)).bundle
    assert bundle is not None
    return bundle


def difference(after: str, folder: Path) -> list[str]:
    return [str(each) for each in changes(compiled(BEFORE, folder), compiled(after, folder))]


def test_the_same_katalog_changes_nothing(tmp_path: Path) -> None:
    assert difference(BEFORE, tmp_path) == []


def test_a_comment_that_moves_every_line_changes_nothing(tmp_path: Path) -> None:
    assert difference(f"# a comment\n\n{BEFORE}", tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("{{ .spec.size }}", "{{ .spec.weight }}", ["~ cart: child onCreate.configMaps[0]"]),
        ("value: Open", "value: Ready", ["~ cart: status field phase"]),
        ("path: phase", "path: state",
         ["- cart: status field phase", "+ cart: status field state"]),
        ("      operatorBox:", "      allowedNamespaces: [till]\n      operatorBox:",
         ["~ cart: namespaces all → till"]),
    ],
    ids=["expression", "status value", "status path", "setting"],
)  # fmt: skip
def test_a_change_is_named(old: str, new: str, lines: list[str], tmp_path: Path) -> None:
    found = difference(BEFORE.replace(old, new), tmp_path)
    assert [each for each in found if "permission" not in each] == lines


def test_a_new_kind_of_child_brings_its_permissions(tmp_path: Path) -> None:
    after = BEFORE.replace("        status:", f"{SECRET}        status:")
    found = difference(after, tmp_path)
    assert found[0] == "+ cart: child onCreate.secrets[0]"
    assert "+ permission create secrets" in found
    assert all(each.startswith("+") for each in found)


def test_a_type_comes_and_goes(tmp_path: Path) -> None:
    after = BEFORE.replace("    cart:", "    basket:")
    found = difference(after, tmp_path)
    assert found[:2] == ["+ type basket", "- type cart"]
