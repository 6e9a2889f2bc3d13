import ast
import base64
import json
import random
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from katalog_runtime.bundle import loads
from katalogc.codegen import Options, generate
from katalogc.codegen.dockerfile import REQUIREMENTS
from katalogc.codegen.operator import config_map
from katalogc.errors import SurroundingsError
from tests.codegen.operators import controller, operator

RUNTIME = Path(__file__).parents[2] / "runtime" / "katalog_runtime"


def build(ir=None, options=None):
    return {each.path: each.content for each in generate(ir or operator(), options)}


@pytest.fixture(scope="module")
def objects():
    documents = yaml.safe_load_all(build()["operator.yaml"])
    return {each["kind"]: each for each in documents}


@pytest.fixture(scope="module")
def pod(objects):
    return objects["Deployment"]["spec"]["template"]["spec"]


def test_operator_yaml_holds_what_the_process_needs(objects):
    assert list(objects) == [
        "Namespace",
        "ConfigMap",
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
    ]


def test_the_config_map_holds_the_bundle_byte_for_byte(objects):
    assert objects["ConfigMap"]["data"]["bundle.json"] == build()["bundle.json"]


def test_the_pod_meets_the_restricted_pod_security_standard(pod):
    """The controls of kubernetes.io/docs/concepts/security/pod-security-standards, one by one."""
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert {next(iter(set(each) - {"name"})) for each in pod["volumes"]} <= {"configMap"}
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] != 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["readOnlyRootFilesystem"] is True
        assert not any("hostPort" in port for port in container["ports"])


def test_the_namespace_enforces_that_standard(objects):
    labels = objects["Namespace"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_probes_ask_the_routes_of_the_runtime(pod):
    (container,) = pod["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/health", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}


def test_the_pod_has_time_to_drain_and_knows_its_own_name(pod):
    assert pod["terminationGracePeriodSeconds"] == 30
    assert [each["name"] for each in pod["containers"][0]["env"]] == ["POD_NAME", "POD_NAMESPACE"]


def test_selectors_and_labels_agree(objects):
    deployment = objects["Deployment"]["spec"]
    labels = deployment["template"]["metadata"]["labels"].items()
    for selector in (
        deployment["selector"]["matchLabels"],
        objects["Service"]["spec"]["selector"],
        objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels


def test_a_new_bundle_rolls_the_pods():
    def annotations(ir):
        documents = yaml.safe_load_all(build(ir)["operator.yaml"])
        deployment = next(each for each in documents if each["kind"] == "Deployment")
        return deployment["spec"]["template"]["metadata"]["annotations"]

    before = annotations(operator())["katalogc.dev/bundle-digest"]
    after = annotations(operator(controller(workers=7)))["katalogc.dev/bundle-digest"]
    assert before != after
    assert before == json.loads(build()["bundle.json"])["digest"]


def test_the_image_is_named_after_the_operator_unless_the_build_says_otherwise():
    assert "image: data-platform:0.1.0\n" in build()["operator.yaml"]
    other = build(options=Options(image="registry.example.com:5000/data@sha256:abc"))
    assert "image: registry.example.com:5000/data@sha256:abc\n" in other["operator.yaml"]
    assert "images" not in yaml.safe_load(other["kustomization.yaml"])


def test_a_bundle_too_large_for_kubectl_apply_is_compressed_and_loads_all_the_same():
    files = build(operator(controller(description="long " * 25_000)))
    documents = yaml.safe_load_all(files["operator.yaml"])
    stored = next(each for each in documents if each["kind"] == "ConfigMap")
    assert "data" not in stored
    assert len(json.dumps(stored)) < 256 * 1024
    compressed = base64.b64decode(stored["binaryData"]["bundle.json"])
    assert loads(compressed) == loads(files["bundle.json"])


@pytest.mark.parametrize("character", ["<", "&", "é", '"'])
def test_what_kubectl_notes_of_a_bundle_fits_into_an_annotation(character):
    def noted(repeats):
        stored = config_map(operator(), json.dumps({"pages": character * repeats}))
        text = json.dumps(stored, ensure_ascii=False)
        for each in "<>&":
            text = text.replace(each, f"\\u{ord(each):04x}")
        return len(text.encode())

    assert all(noted(repeats) < 256 * 1024 for repeats in range(20_000, 240_000, 20_000))


def test_a_bundle_that_no_config_map_can_hold_is_refused_in_one_sentence():
    noise = random.Random(1).randbytes(1_500_000).hex()
    with pytest.raises(SurroundingsError, match=r"a ConfigMap holds at most 1,048,576; split"):
        config_map(operator(), noise)


def third_party_imports():
    """Top-level packages that the runtime imports and Python does not bring."""
    found = set()
    for file in RUNTIME.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found.update(each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"katalog_runtime"}


IMPORT_BY_REQUIREMENT = {
    "google-re2": "re2",
    "prometheus-client": "prometheus_client",
    "pyyaml": "yaml",
}


def requirement_name(requirement):
    return requirement.partition(">=")[0]


def test_the_image_holds_what_the_runtime_imports_and_no_more():
    installed = {
        IMPORT_BY_REQUIREMENT.get(name, name) for name in map(requirement_name, REQUIREMENTS)
    }
    # The official client reads kubeconfigs, which no pod has; yarl and multidict come with aiohttp.
    assert third_party_imports() - {"kubernetes", "multidict", "yarl"} == installed


def test_the_image_takes_the_versions_that_the_project_asks_for():
    project = tomllib.loads((RUNTIME.parents[1] / "pyproject.toml").read_text())["project"]
    asked = {each.partition(";")[0].partition(",")[0].strip() for each in project["dependencies"]}
    assert {each.partition(",")[0] for each in REQUIREMENTS} <= asked


def test_every_object_of_a_build_is_in_the_kustomization():
    files = build()
    listed = yaml.safe_load(files["kustomization.yaml"])["resources"]
    assert listed == ["crds/datajobs.data.example.com.yaml", "rbac.yaml", "operator.yaml"]
    assert set(listed) <= set(files)


def test_a_build_holds_the_files_of_the_contract():
    assert sorted(build()) == [
        "Dockerfile",
        "bundle.json",
        "crds/datajobs.data.example.com.yaml",
        "docs/data-job.md",
        "kustomization.yaml",
        "operator.yaml",
        "rbac.yaml",
        "samples/data-job.yaml",
    ]
