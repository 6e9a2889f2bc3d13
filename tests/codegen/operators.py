"""Operators written by hand as the compiler would lower them; no YAML is read."""

from katalog_runtime.bundle import ApiType, Backoff
from katalog_runtime.objects import FINALIZER
from katalogc.expressions import facts, parse
from katalogc.ir import (
    ChildIR,
    ControllerIR,
    ExpressionIR,
    HoleIR,
    OperatorIR,
    StatusFieldIR,
    TemplateIR,
)
from katalogc.source import Span

CONFIG_MAP = ApiType(group="", version="v1", kind="ConfigMap", plural="configmaps")
SECRET = ApiType(group="", version="v1", kind="Secret", plural="secrets")
REPLICA_SET = ApiType(group="apps", version="v1", kind="ReplicaSet", plural="replicasets")
DATA_JOB = ApiType(group="data.example.com", version="v1alpha1", kind="DataJob", plural="datajobs")


def span(line=1, file="katalogs/katalog.yaml"):
    return Span(file, line, 5, line, 20)


def expression(text, line=1, file="katalogs/katalog.yaml"):
    template = parse(text)
    return ExpressionIR(
        template=template, text=text, origin=span(line, file), facts=facts(template)
    )


def hole(path, text, as_="string", **more):
    return HoleIR(path=path, expression=expression(text), as_=as_, **more)


def named(suffix):
    return hole(("metadata", "name"), "{{ .metadata.name }}-" + suffix)


def in_owner_namespace():
    return hole(("metadata", "namespace"), "{{ .metadata.namespace }}")


def config_map(**data):
    return ChildIR(
        id="onCreate.configMaps[0]",
        block="configMaps",
        phase="onCreate",
        api=CONFIG_MAP,
        sync="create",
        manifest=TemplateIR(
            skeleton={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {}},
            holes=(
                named("job"),
                in_owner_namespace(),
                *(hole(("data", key), text) for key, text in data.items()),
            ),
        ),
        origin=span(20),
    )


def replica_set(replicas="{{ .spec.parallelism }}"):
    return ChildIR(
        id="motif.worker-pool.replicaSets[0]",
        block="replicaSets",
        phase="onReconcile",
        api=REPLICA_SET,
        sync="apply",
        manifest=TemplateIR(
            skeleton={"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {}, "spec": {}},
            holes=(
                named("worker"),
                in_owner_namespace(),
                hole(("spec", "replicas"), replicas, "integer", when_empty="default", default=1),
                hole(("spec", "template", "spec", "containers", 0, "image"), "{{ .spec.image }}"),
            ),
        ),
        origin=span(25, "katalogs/motifs/worker-pool.yaml"),
        motif="worker-pool",
    )


def secret(rotate_after="30d"):
    return ChildIR(
        id="motif.credentials.onCreate.secrets[0]",
        block="secrets",
        phase="onCreate",
        api=SECRET,
        sync="create",
        manifest=TemplateIR(
            skeleton={"apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": {}},
            holes=(named("credentials"), hole(("data", "token"), "{{ randomBase64 24 }}", "bytes")),
        ),
        origin=span(30),
        once=True,
        rotate_after=expression(rotate_after) if rotate_after else None,
    )


def status_field(path, text, as_="string"):
    constant = "{{" not in text
    return StatusFieldIR(
        path=path,
        value=TemplateIR(
            skeleton=text if constant else None,
            holes=() if constant else (hole((), text, as_),),
        ),
        origin=span(40),
    )


def controller(**changes):
    values = {
        "name": "data-job",
        "api": DATA_JOB,
        "description": "Runs a job.",
        "namespaces": (),
        "workers": None,
        "resync_seconds": None,
        "queue_depth": None,
        "backoff": Backoff(),
        "finalizers": (FINALIZER,),
        "children": (config_map(TIMEOUT="{{ .spec.timeout }}"), replica_set()),
        "status_fields": (
            status_field(("phase",), "Running"),
            status_field(("parallelism",), "{{ .spec.parallelism }}"),
        ),
        "conditions": True,
        "depends_on": (),
        "crd": None,
        "origin": span(10),
    }
    return ControllerIR(**{**values, **changes})


def operator(*controllers, **changes):
    values = {
        "name": "data-platform",
        "version": "0.1.0",
        "description": "A data platform.",
        "author": "",
        "license": "",
        "tags": (),
        "tenant": "default",
        "namespace": "data-platform-system",
        "controllers": controllers or (controller(),),
    }
    return OperatorIR(**{**values, **changes})
