import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from katalogc.commands import build, docs, render
from katalogc.errors import SurroundingsError

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "samples" / "datajob-katalog.yaml")
CR = str(ROOT / "samples" / "data-platform" / "cr.yaml")


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "katalog.yaml"
    path.write_text(
        "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: {name: x}\nspcc: 1\n"
    )
    return str(path)


def test_build_writes_the_folder_and_finds_it_up_to_date(tmp_path, capsys):
    out = str(tmp_path / "out")
    assert build.run(SAMPLE, output=out) == 0
    assert build.run(SAMPLE, output=out, check=True) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("8 files, 8 written\n" + f"{out} is up to date\n")


@pytest.mark.parametrize("shards", ["0", "two", "101", "1/3"])
def test_a_number_of_shards_that_cannot_be_is_refused(shards, tmp_path):
    with pytest.raises(SurroundingsError, match=f"--shards {shards}: takes a whole number"):
        build.run(SAMPLE, output=str(tmp_path), shards=shards)


def test_check_names_every_file_that_differs_and_writes_none(tmp_path, capsys):
    out = tmp_path / "out"
    build.run(SAMPLE, output=str(out))
    (out / "rbac.yaml").write_text("edited\n")
    (out / "bundle.json").unlink()
    capsys.readouterr()
    assert build.run(SAMPLE, output=str(out), check=True) == 1
    told = capsys.readouterr().err
    assert build.run(SAMPLE, output=str(out), check=True, format="json") == 1
    assert capsys.readouterr().err == told
    assert "bundle.json is missing\n" in told
    assert "rbac.yaml differs\n" in told
    assert (out / "rbac.yaml").read_text() == "edited\n"


def test_stdout_is_one_stream_that_can_be_applied_in_order(capsys):
    assert build.run(SAMPLE, stdout=True) == 0
    kinds = [each["kind"] for each in yaml.safe_load_all(capsys.readouterr().out)]
    assert kinds[:3] == ["CustomResourceDefinition", "Namespace", "ServiceAccount"]
    assert kinds.index("ClusterRoleBinding") < kinds.index("Deployment")


def test_the_reference_verbs_can_be_asked_for(capsys):
    build.run(SAMPLE, stdout=True, rbac="reference")
    found = capsys.readouterr().out
    assert "verbs: [get, list, watch, create, update, patch, delete]" in found


def test_namespace_and_image_reach_every_object(capsys):
    build.run(SAMPLE, stdout=True, namespace="ops", image="registry.example.com/op:2")
    objects = list(yaml.safe_load_all(capsys.readouterr().out))
    places = {each["metadata"].get("namespace") for each in objects}
    assert places == {None, "ops"}
    assert [each["metadata"]["name"] for each in objects if each["kind"] == "Namespace"] == ["ops"]
    subjects = [each["subjects"][0] for each in objects if each["kind"].endswith("Binding")]
    assert {each["namespace"] for each in subjects} == {"ops"}
    (deployment,) = [each for each in objects if each["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"].endswith("/op:2")


def test_a_wrong_katalog_is_not_built(tmp_path, wrong, capsys):
    assert build.run(wrong, output=str(tmp_path / "out")) == 1
    assert not (tmp_path / "out").exists()
    assert "spcc" in capsys.readouterr().err


def test_diagnostics_as_json_go_to_standard_output(tmp_path, capsys):
    assert build.run(SAMPLE, output=str(tmp_path), format="json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["errors"] == 0
    assert [each["kind"] for each in found["documents"]] == ["Katalog"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({}, "-o DIR, or --stdout", id="no-target"),
        pytest.param({"stdout": True, "output": "x"}, "--stdout", id="two-targets"),
        pytest.param({"stdout": True, "check": True}, "--stdout", id="check-of-a-stream"),
        pytest.param({"stdout": True, "rbac": "all"}, "minimal or reference", id="rbac"),
        pytest.param({"stdout": True, "namespace": "No!"}, "--namespace No!", id="namespace"),
        pytest.param({"stdout": True, "image": "a b"}, "--image", id="image"),
        pytest.param({"stdout": True, "format": "xml"}, "xml", id="format"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_in_one_line(arguments, words):
    with pytest.raises(SurroundingsError, match=words):
        build.run(SAMPLE, **arguments)


def test_docs_writes_a_page_in_both_forms_and_an_index(tmp_path):
    assert docs.run(SAMPLE, str(tmp_path)) == 0
    assert {each.name for each in tmp_path.iterdir() if not each.name.startswith(".")} == {
        "index.html",
        "index.md",
        "data-job.html",
        "data-job.md",
    }


def test_docs_of_a_wrong_katalog_are_not_written(tmp_path, wrong):
    assert docs.run(wrong, str(tmp_path / "site")) == 1
    assert not (tmp_path / "site").exists()


def rendered(capsys, path=SAMPLE, cr=CR, code=0):
    assert render.run(path, cr) == code
    return list(yaml.safe_load_all(capsys.readouterr().out))


def test_render_prints_children_and_status(capsys):
    config_map, replica_set, owner = rendered(capsys)
    assert config_map["metadata"]["name"] == "nightly-orders-job"
    assert config_map["data"]["MODE"] == "INCREMENTAL"
    assert replica_set["spec"]["replicas"] == 3
    assert owner["status"]["parallelism"] == "3"


def test_render_fills_in_the_crds_defaults(capsys, tmp_path):
    cr = tmp_path / "cr.yaml"
    cr.write_text(
        "apiVersion: data.katalogc.dev/v1alpha1\nkind: DataJob\nmetadata: {name: small}\n"
        "spec: {image: a, source: x://a, sink: x://b}\n"
    )
    config_map, replica_set, _ = rendered(capsys, cr=str(cr))
    assert config_map["data"]["TIMEOUT"] == "1h"
    assert replica_set["spec"]["replicas"] == 1


def test_render_reads_several_resources_from_standard_input(capsys, monkeypatch):
    document = Path(CR).read_bytes()
    stdin = io.TextIOWrapper(io.BytesIO(document + b"---\n" + document))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert len(rendered(capsys, cr="-")) == 6


def test_render_says_where_an_expression_failed_and_prints_the_rest(tmp_path, capsys):
    (tmp_path / "katalog.yaml").write_text(FAILING)
    cr = tmp_path / "cr.yaml"
    cr.write_text("apiVersion: e.io/v1\nkind: Thing\nmetadata: {name: t}\nspec: {n: x}\n")
    assert render.run(str(tmp_path), str(cr)) == 1
    captured = capsys.readouterr()
    assert [each["metadata"]["name"] for each in yaml.safe_load_all(captured.out)] == ["t-good"]
    assert f"{tmp_path}/katalog.yaml:12:" in captured.err


FAILING = """\
apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: {name: failing}
spec:
  crds:
    thing:
      apiTypes: {group: e.io, version: v1, kind: Thing, plural: things}
      operatorBox:
        onCreate:
          configMaps:
            - name: "{{ .metadata.name }}-bad"
              data: {N: "{{ index .spec.n 5 7 }}"}
            - name: "{{ .metadata.name }}-good"
"""


def test_render_refuses_a_resource_of_another_type(capsys, tmp_path):
    cr = tmp_path / "cr.yaml"
    cr.write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n")
    assert render.run(SAMPLE, str(cr)) == 1
    assert "Pod of v1 is no type of this Katalog (DataJob of" in capsys.readouterr().err


def test_render_says_which_heading_a_resource_lacks(capsys, tmp_path):
    resource = tmp_path / "cr.yaml"
    resource.write_text("kind: DataJob\nmetadata: {name: x}\n")
    assert render.run(SAMPLE, str(resource)) == 1
    assert "a custom resource without `apiVersion`" in capsys.readouterr().err
    resource.write_text("# nothing yet\n")
    assert render.run(SAMPLE, str(resource)) == 1
    assert capsys.readouterr().err.endswith(": holds no custom resource\n")


def test_render_names_places_as_the_user_reaches_them(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert render.run("samples/datajob-katalog.yaml", CR) == 0
    printed = capsys.readouterr().out
    assert "# ConfigMap, created while absent, samples/datajob-katalog.yaml:40:15\n" in printed
    assert ", samples/data-platform/worker-pool.yaml:21:7\n" in printed


def test_a_path_that_is_no_regular_file_is_the_surroundings():
    for command in (
        lambda: build.run("/dev/null", stdout=True),
        lambda: render.run("/dev/null", CR),
    ):
        with pytest.raises(SurroundingsError, match="not a regular file"):
            command()


def test_render_without_the_file_is_one_line():
    with pytest.raises(SurroundingsError, match=r"nowhere\.yaml: no such file"):
        render.run(SAMPLE, "nowhere.yaml")
