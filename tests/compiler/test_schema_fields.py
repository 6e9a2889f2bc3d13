"""What the checks take for a child's typed fields is what the runtime will convert them to."""

from __future__ import annotations

from pathlib import Path

from katalogc.checks.schema_fields import TYPED_FIELDS
from katalogc.compiler import lower_file
from katalogc.files import DiskFiles

KATALOG = """apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata:
  name: shop
spec:
  crds:
    order:
      apiTypes: {group: shop.example.com, version: v1, kind: Order, plural: orders}
      operatorBox:
        onReconcile:
          deployments:
            - name: "{{ .spec.name }}"
              namespace: "{{ .spec.namespace }}"
              image: "{{ .spec.image }}"
              serviceAccountName: "{{ .spec.serviceAccountName }}"
              replicas: "{{ .spec.replicas }}"
              port: "{{ .spec.port }}"
              rollingUpdate:
                maxSurge: "{{ .spec.rollingUpdate.maxSurge }}"
                maxUnavailable: "{{ .spec.rollingUpdate.maxUnavailable }}"
              probes:
                startup: {type: tcp, port: "{{ .spec.probes.startup.port }}"}
                liveness: {type: tcp, port: "{{ .spec.probes.liveness.port }}"}
                readiness: {type: http, port: "{{ .spec.probes.readiness.port }}"}
              env:
                - {name: A, value: "{{ .spec.any }}"}
          services:
            - name: web
              port: "{{ .spec.port }}"
              targetPort: "{{ .spec.targetPort }}"
          jobs:
            - name: once
              image: x
              backoffLimit: "{{ .spec.backoffLimit }}"
"""


def test_typed_fields_are_those_that_are_converted(tmp_path: Path) -> None:
    file = tmp_path / "katalog.yaml"
    file.write_text(KATALOG)
    ir = lower_file(str(file), DiskFiles())
    assert ir is not None
    converted: dict[tuple[str | int, ...], str] = {}
    for child in ir.controllers[0].children:
        for hole in child.manifest.holes:
            lone = hole.expression.facts.is_lone_path or ()
            if lone[:1] == ("spec",):
                converted[lone[1:]] = hole.as_
    wanted = {path: "string" if each == "scalar" else each for path, each in TYPED_FIELDS.items()}
    assert converted == {**wanted, ("any",): "string"}
