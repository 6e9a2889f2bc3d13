"""From a checked Katalog to manifests with holes: defaults, selectors, inputs, rotation."""

from __future__ import annotations

from typing import Any

from katalogc.ir import ChildIR
from tests.compiler.katalogs import children, controller

MOTIF = """\
apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata: {name: pool}
inputs:
  - {name: image, required: true}
  - {name: workers, default: "2"}
resources:
  replicaSets:
    - name: "{{ .metadata.name }}-worker"
      image: '{{ index .inputs "image" }}'
      replicas: "{{ .inputs.workers }}"
      env:
        - {name: IMAGE, value: "runs {{ .inputs.image }}!"}
        - {name: UPPER, value: "{{ toUpper .inputs.image }}"}
  onCreate:
    configMaps:
      - data: {WORKERS: "{{ .inputs.workers }}"}
status:
  fields:
    - {path: workers, value: "{{ .inputs.workers }}"}
    - {path: phase, value: Motif}
"""


def holes(child: ChildIR) -> dict[tuple[str | int, ...], tuple[str, str, str, Any]]:
    return {
        hole.path: (hole.expression.text, hole.as_, hole.when_empty, hole.default)
        for hole in child.manifest.holes
    }


def imported(with_: str) -> tuple[ChildIR, ...]:
    entry = f"imports: [{{motif: ./pool.yaml, with: {{{with_}}}}}]\n"
    return controller(entry, files={"pool.yaml": MOTIF}).children


def test_constant_children_have_no_holes_but_name_and_namespace() -> None:
    (child,) = children('configMaps: [{name: settings, data: {A: "1", B: x}}]')
    assert child.manifest.skeleton == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings"},
        "data": {"A": "1", "B": "x"},
    }
    assert set(holes(child)) == {("metadata", "namespace")}


def test_a_child_without_a_name_is_called_after_its_owner() -> None:
    block = "configMaps: [{}]\nsecrets: [{}]\nserviceAccounts: [{}]\nservices: [{port: 80}]\n"
    block += "replicaSets: [{image: a}]\ndeployments: [{image: a}]\njobs: [{image: a}]"
    names = {each.block: holes(each)[("metadata", "name")][0] for each in children(block)}
    assert names == {
        "configMaps": "{{ .metadata.name }}-config",
        "secrets": "{{ .metadata.name }}-secret",
        "serviceAccounts": "{{ .metadata.name }}-sa",
        "services": "{{ .metadata.name }}-svc",
        "replicaSets": "{{ .metadata.name }}-replicaset",
        "deployments": "{{ .metadata.name }}-deployment",
        "jobs": "{{ .metadata.name }}-job",
    }


def test_manifests_are_built_in_reading_order() -> None:
    (child,) = children("deployments: [{name: web, image: nginx, port: 80}]")
    skeleton = child.manifest.skeleton
    assert list(skeleton) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(skeleton["spec"]) == ["replicas", "selector", "template"]


def test_two_workloads_of_one_owner_select_different_pods() -> None:
    first, second = children("deployments: [{name: a, image: x}, {name: b, image: x}]")
    for child in (first, second):
        spec = child.manifest.skeleton["spec"]
        name = child.manifest.skeleton["metadata"]["name"]
        assert spec["selector"]["matchLabels"] == {"katalogc.dev/workload": name}
        assert spec["template"]["metadata"]["labels"] == {"katalogc.dev/workload": name}
        owner = ("spec", "selector", "matchLabels", "orkestra-owner")
        assert holes(child)[owner][0] == "{{ .metadata.name }}"


def test_replicas_default_to_one_and_keep_their_type() -> None:
    absent, written, number, expression = children(
        'replicaSets: [{name: a, image: x}, {name: b, image: x, replicas: "3"}, '
        '{name: c, image: x, replicas: 0}, {name: d, image: x, replicas: "{{ .spec.n }}"}]'
    )
    assert absent.manifest.skeleton["spec"]["replicas"] == 1
    assert written.manifest.skeleton["spec"]["replicas"] == 3
    assert number.manifest.skeleton["spec"]["replicas"] == 0
    assert holes(expression)[("spec", "replicas")] == ("{{ .spec.n }}", "integer", "default", 1)


def test_an_empty_port_leaves_the_field_out() -> None:
    (child,) = children('deployments: [{name: a, image: x, port: "{{ .spec.port }}"}]')
    path = ("spec", "template", "spec", "containers", 0, "ports", 0, "containerPort")
    assert holes(child)[path][1:3] == ("integer", "omit")


def test_secret_data_is_encoded() -> None:
    (child,) = children('secrets: [{name: a, data: {plain: hello, read: "{{ .spec.x }}"}}]')
    assert child.manifest.skeleton["data"] == {"plain": "aGVsbG8="}
    assert holes(child)[("data", "read")][1] == "bytes"


def test_a_generated_secret_is_created_once_and_rotated() -> None:
    (child,) = children(
        'secrets: [{name: a, once: true, rotateAfter: 90d, data: {k: "{{ randomHex 8 }}"}}]'
    )
    assert (child.sync, child.once) == ("create", True)
    assert child.rotate_after is not None
    assert child.rotate_after.text == "90d"


def test_what_is_created_is_kept_in_sync_only_where_asked() -> None:
    plain, synced = children("configMaps: [{name: a}, {name: b, reconcile: true}]", "onCreate")
    assert (plain.sync, synced.sync) == ("create", "apply")
    (job,) = children("jobs: [{name: a, image: x}]", "onReconcile")
    assert job.sync == "create"


def test_an_input_that_is_all_of_a_text_becomes_the_importers_expression() -> None:
    replica_set = next(
        e for e in imported('image: "{{ .spec.image }}"') if e.block == "replicaSets"
    )
    image = ("spec", "template", "spec", "containers", 0, "image")
    hole = next(each for each in replica_set.manifest.holes if each.path == image)
    assert hole.expression.text == "{{ .spec.image }}"
    assert hole.expression.facts.is_lone_path == ("spec", "image")
    assert hole.expression.origin.file == "katalog.yaml"


def test_a_constant_input_is_a_constant() -> None:
    replica_set = next(e for e in imported("image: nginx") if e.block == "replicaSets")
    container = replica_set.manifest.skeleton["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "nginx"
    assert replica_set.manifest.skeleton["spec"]["replicas"] == 2


def test_inputs_inside_larger_expressions_are_substituted_as_trees() -> None:
    replica_set = next(
        e
        for e in imported('image: "{{ .spec.image }}:{{ .spec.tag }}"')
        if e.block == "replicaSets"
    )
    texts = {
        hole.path[-2]: hole.expression
        for hole in replica_set.manifest.holes
        if "env" in hole.path and hole.path[-1] == "value"
    }
    assert texts[0].facts.reads == {("spec", "image"), ("spec", "tag")}
    assert texts[1].facts.reads == {("spec", "image"), ("spec", "tag")}
    assert texts[1].origin.file == "pool.yaml"
    assert texts[1].template.points[0][1] == texts[1].origin.line


def test_children_of_a_motif_say_where_they_come_from() -> None:
    ids = {each.id: each.phase for each in imported("image: nginx")}
    assert ids == {
        "motif.pool.onCreate.configMaps[0]": "onCreate",
        "motif.pool.replicaSets[0]": "onReconcile",
    }


def test_the_katalogs_own_status_fields_come_after_the_motifs() -> None:
    entry = "imports: [{motif: ./pool.yaml, with: {image: nginx}}]\n"
    entry += "operatorBox: {status: {fields: [{path: phase, value: Own}]}}\n"
    fields = controller(entry, files={"pool.yaml": MOTIF}).status_fields
    assert [(each.path, each.value.skeleton) for each in fields] == [
        (("workers",), "2"),
        (("phase",), "Motif"),
        (("phase",), "Own"),
    ]


def test_origins_point_at_the_first_character_of_a_text() -> None:
    (child,) = children('configMaps: [{name: a, data: {A: "{{ .spec.a }}"}}]')
    hole = next(each for each in child.manifest.holes if each.path == ("data", "A"))
    assert hole.expression.template.located
    first = hole.expression.template.points[0]
    assert first == (0, hole.expression.origin.line, hole.expression.origin.column)


def test_notes_travel_with_the_expressions_that_call_them() -> None:
    more = 'notes: [{name: image, expression: "{{ .spec.image }}"}]\n'
    one = controller(
        'operatorBox: {onCreate: {configMaps: [{data: {I: "{{ image }}"}}]}}\n', more=more
    )
    expression = one.children[0].manifest.holes[-1].expression
    assert set(expression.template.notes) == {"image"}
    assert expression.facts.reads == {("spec", "image")}
