"""Built-in kinds that operators make: defaults, initial status, rules, tables."""

from __future__ import annotations

from typing import Any

from tests.differential.scenarios_objects import (
    DEPLOYMENTS,
    MAPS,
    SECRETS,
    SERVICES,
    config_map,
    workload,
)
from tests.differential.steps import Scenario, bare, create, delete, get, merge, put, strategic

CORE = "/api/v1/namespaces/{ns}"
APPS = "/apis/apps/v1/namespaces/{ns}"
NETWORKING = "/apis/networking.k8s.io/v1/namespaces/{ns}"
PODS = f"{CORE}/pods"
CLAIMS = f"{CORE}/persistentvolumeclaims"
ACCOUNTS = f"{CORE}/serviceaccounts"
CRON_JOBS = "/apis/batch/v1/namespaces/{ns}/cronjobs"
AUTOSCALERS = "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers"
BUDGETS = "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
ROWS = ("kind", "columnDefinitions")
CONTAINER: dict[str, Any] = {"name": "c", "image": "busybox:1"}


def manifest(api_version: str, kind: str, name: str, /, **content: Any) -> dict[str, Any]:
    head = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
    return {**head, **content}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    content = {"automountServiceAccountToken": False, "containers": [CONTAINER], **spec}
    return manifest("v1", "Pod", name, spec=content)


def claim(name: str, **spec: Any) -> dict[str, Any]:
    content = {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec,
    }  # fmt: skip
    return manifest("v1", "PersistentVolumeClaim", name, spec=content)


def cron_job(name: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}
    content = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template}}, **spec}
    return manifest("batch/v1", "CronJob", name, spec=content)


def autoscaler(name: str, **spec: Any) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    content = {"scaleTargetRef": target, "maxReplicas": 3, **spec}
    return manifest("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=content)


def ingress(name: str, **spec: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "example.com",
            "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}  # fmt: skip
    return manifest("networking.k8s.io/v1", "Ingress", name, spec={"rules": [rule], **spec})


def service(name: str, **spec: Any) -> dict[str, Any]:
    return manifest("v1", "Service", name, spec={"ports": [{"port": 80}], **spec})


SCENARIOS = (
    Scenario(
        name="stateful-sets",
        steps=(
            create(f"{APPS}/statefulsets", workload("db", "StatefulSet", serviceName="db")),
            merge(f"{APPS}/statefulsets/db", {"spec": {"replicas": 2}}),
            merge(f"{APPS}/statefulsets/db", {"spec": {"serviceName": "other"}}),
            create(f"{APPS}/statefulsets", workload(
                "claims", "StatefulSet", serviceName="db", volumeClaimTemplates=[{
                    "metadata": {"name": "data"}, "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": "1Gi"}}}}])),
            create(f"{APPS}/statefulsets", workload(
                "bad", "StatefulSet", podManagementPolicy="Sometimes")),
            get(f"{APPS}/statefulsets/db/scale"),
            get(f"{APPS}/statefulsets", accept=TABLE, only=ROWS),
            delete(f"{APPS}/statefulsets/db"),
        ),
    ),
    Scenario(
        name="daemon-sets",
        steps=(
            create(f"{APPS}/daemonsets", workload("agent", "DaemonSet")),
            strategic(f"{APPS}/daemonsets/agent", {"spec": {"template": {"spec": {
                "nodeSelector": {"disk": "fast"}}}}}),
            merge(f"{APPS}/daemonsets/agent", {"spec": {"updateStrategy": {"type": "Odd"}}}),
            merge(f"{APPS}/daemonsets/agent/status", {"status": {"numberReady": 1}}),
            get(f"{APPS}/daemonsets", accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="cron-jobs",
        steps=(
            create(CRON_JOBS, cron_job("tick")),
            create(CRON_JOBS, cron_job("bad", schedule="every day")),
            create(CRON_JOBS, cron_job("bad", concurrencyPolicy="Perhaps")),
            create(CRON_JOBS, cron_job("n" * 53)),
            merge(f"{CRON_JOBS}/tick", {"spec": {"suspend": True, "timeZone": "Europe/Berlin"}}),
            get(CRON_JOBS, accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="claims",
        steps=(
            create(CLAIMS, claim("data")),
            create(CLAIMS, claim("bad", accessModes=[])),
            create(CLAIMS, claim("bad", resources={})),
            create(CLAIMS, claim("bad", resources={"requests": {"storage": "much"}})),
            # The text of the next refusal ends with a diff of Go structs, which ours leaves out.
            bare(merge(f"{CLAIMS}/data", {"spec": {"accessModes": ["ReadWriteMany"]}})),
            merge(f"{CLAIMS}/data/status", {"status": {"phase": "Bound"}}),
            get(CLAIMS, accept=TABLE, only=ROWS),
            delete(f"{CLAIMS}/data"),
            get(f"{CLAIMS}/data"),
        ),
    ),
    Scenario(
        name="ingresses",
        steps=(
            create(f"{NETWORKING}/ingresses", ingress("web")),
            create(f"{NETWORKING}/ingresses", ingress("bad", rules=None)),
            create(f"{NETWORKING}/ingresses", ingress("bad", rules=[{"host": "Bad_Host"}])),
            create(f"{NETWORKING}/ingresses", ingress("bad", rules=[{"http": {"paths": [
                {"path": "no-slash", "pathType": "Exact", "backend": {"service": {
                    "name": "web", "port": {"number": 80}}}}]}}])),
            merge(f"{NETWORKING}/ingresses/web", {"spec": {"tls": [{"hosts": ["example.com"]}]}}),
            get(f"{NETWORKING}/ingresses", accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="network-policies",
        steps=(
            create(f"{NETWORKING}/networkpolicies", manifest(
                "networking.k8s.io/v1", "NetworkPolicy", "all", spec={"podSelector": {}})),
            create(f"{NETWORKING}/networkpolicies", manifest(
                "networking.k8s.io/v1", "NetworkPolicy", "some", spec={
                    "podSelector": {"matchLabels": {"app": "a"}},
                    "egress": [{"ports": [{"port": 53, "protocol": "UDP"}],
                                "to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]})),
            create(f"{NETWORKING}/networkpolicies", manifest(
                "networking.k8s.io/v1", "NetworkPolicy", "bad", spec={
                    "podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0"}}]}]})),
            get(f"{NETWORKING}/networkpolicies", accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="autoscalers",
        steps=(
            create(AUTOSCALERS, autoscaler("web")),
            create(AUTOSCALERS, autoscaler("cpu", minReplicas=2, metrics=[{
                "type": "Resource", "resource": {"name": "cpu", "target": {
                    "type": "Utilization", "averageUtilization": 70}}}])),
            create(AUTOSCALERS, autoscaler("bad", maxReplicas=0)),
            create(AUTOSCALERS, autoscaler("bad", minReplicas=9)),
            get(AUTOSCALERS, accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="disruption-budgets",
        steps=(
            create(BUDGETS, manifest("policy/v1", "PodDisruptionBudget", "web", spec={
                "minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}})),
            create(BUDGETS, manifest("policy/v1", "PodDisruptionBudget", "bad", spec={
                "minAvailable": 1, "maxUnavailable": 1})),
            create(BUDGETS, manifest("policy/v1", "PodDisruptionBudget", "bad", spec={
                "minAvailable": "half"})),
            merge(f"{BUDGETS}/web", {"spec": {"minAvailable": 2}}),
            get(BUDGETS, accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="pods",
        watch=PODS,
        steps=(
            create(ACCOUNTS, manifest("v1", "ServiceAccount", "default")),
            create(PODS, pod("plain")),
            create(PODS, pod("bounded", containers=[{**CONTAINER, "resources": {
                "limits": {"cpu": "1000m", "memory": "1Gi"}}}])),
            create(PODS, pod("probed", containers=[{
                **CONTAINER, "ports": [{"containerPort": 80, "name": "http"}],
                "livenessProbe": {"httpGet": {"port": "http"}},
                "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {
                    "secretKeyRef": {"name": "s", "key": "k"}}}],
                "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
                volumes=[{"name": "v", "configMap": {"name": "m"}}])),
            create(PODS, pod("bad", containers=[CONTAINER, CONTAINER])),
            create(PODS, pod("bad", containers=[{**CONTAINER, "name": "Bad_Name"}])),
            create(PODS, pod("bad", containers=[{
                **CONTAINER, "volumeMounts": [{"name": "absent", "mountPath": "/v"}]}])),
            create(PODS, pod("bad", restartPolicy="Perhaps")),
            create(PODS, pod("bad", containers=[{**CONTAINER, "env": [{"name": ""}]}])),
            bare(merge(f"{PODS}/plain", {"spec": {"terminationGracePeriodSeconds": 5}})),
            merge(f"{PODS}/plain", {"metadata": {"labels": {"a": "b"}}}),
            strategic(f"{PODS}/plain", {"spec": {"containers": [
                {"name": "c", "image": "busybox:2"}]}}),
            merge(f"{PODS}/plain/status", {"status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True"}]}}),
            get(PODS, fieldSelector="status.phase=Running", only=("kind",)),
            get(f"{PODS}/plain", accept=TABLE, only=ROWS),
            delete(f"{PODS}/plain", {"gracePeriodSeconds": 0}),
            delete(f"{PODS}/bounded"),
        ),
    ),
    Scenario(
        name="service-kinds",
        steps=(
            create(SERVICES, service("cluster")),
            create(SERVICES, manifest("v1", "Service", "named", spec={
                "type": "ExternalName", "externalName": "example.com"})),
            create(SERVICES, service("bad", type="ExternalName")),
            create(SERVICES, service("bad", clusterIP="300.1.2.3")),
            merge(f"{SERVICES}/cluster", {"spec": {"clusterIP": "10.0.0.99"}}),
            merge(f"{SERVICES}/cluster", {"spec": {"selector": {"app": "a"}}}),
            strategic(f"{SERVICES}/cluster", {"spec": {"ports": [
                {"port": 81, "name": "b"}, {"port": 80, "name": "a"}]}}),
            put(f"{SERVICES}/cluster", service("cluster")),
            get(SERVICES, accept=TABLE, only=ROWS),
            delete(f"{SERVICES}/cluster"),
        ),
    ),
    Scenario(
        name="accounts",
        steps=(
            create(ACCOUNTS, manifest("v1", "ServiceAccount", "robot")),
            get(f"{ACCOUNTS}/robot"),
            create(f"{ACCOUNTS}/robot/token", {
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
            create(f"{ACCOUNTS}/robot/token", {
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                "spec": {"expirationSeconds": 10}}),
            create(f"{ACCOUNTS}/absent/token", {
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
            create(SECRETS, {**manifest("v1", "Secret", "t"), "type":
                             "kubernetes.io/service-account-token"}),
            get(ACCOUNTS, accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="limits",
        steps=(
            create(f"{CORE}/resourcequotas", manifest("v1", "ResourceQuota", "q", spec={
                "hard": {"requests.cpu": "1000m", "count/widgets.example.com": "5"}})),
            create(f"{CORE}/limitranges", manifest("v1", "LimitRange", "l", spec={
                "limits": [{"type": "Container", "max": {"cpu": "2000m"}}]})),
            get(f"{CORE}/resourcequotas", accept=TABLE, only=ROWS),
            get(f"{CORE}/limitranges", accept=TABLE, only=ROWS),
        ),
    ),
    Scenario(
        name="generated-names",
        steps=(
            # The texts contain the random name.
            bare(create(MAPS, {**config_map("x"), "metadata": {"generateName": "Bad_"}})),
            create(MAPS, {**config_map("x"), "metadata": {"name": "x", "generateName": "x-"}}),
            bare(create(DEPLOYMENTS, {**workload("x"), "metadata": {"generateName": "-x-"}})),
        ),
    ),
    Scenario(
        name="tables",
        steps=(
            *(get(path, accept=TABLE, only=ROWS) for path in (
                DEPLOYMENTS, f"{APPS}/replicasets", SECRETS, MAPS, PODS, "/api/v1/nodes",
                "/apis/batch/v1/namespaces/{ns}/jobs", f"{CORE}/events",
                "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
                "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
                "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                "/apis/storage.k8s.io/v1/storageclasses", "/api/v1/namespaces")),
            create(DEPLOYMENTS, workload("web")),
            get(f"{DEPLOYMENTS}/web", accept=TABLE),
            get(f"{DEPLOYMENTS}/web", accept=TABLE, includeObject="None"),
            get(f"{DEPLOYMENTS}/web", accept=TABLE, includeObject="Object"),
            get(f"{DEPLOYMENTS}/absent", accept=TABLE),
            create(MAPS, config_map("a", one="1", two="2")),
            create(SERVICES, service("ports", type="NodePort", ports=[
                {"port": 80, "nodePort": 30099}, {"port": 81, "name": "b", "nodePort": 30098}])),
            create(f"{NETWORKING}/ingresses", ingress("web", tls=[{"hosts": ["example.com"]}])),
            create(CRON_JOBS, cron_job("tick")),
            create(CLAIMS, claim("data")),
            create(f"{APPS}/daemonsets", workload("agent", "DaemonSet")),
            create(AUTOSCALERS, autoscaler("cpu", metrics=[{
                "type": "Resource", "resource": {"name": "cpu", "target": {
                    "type": "Utilization", "averageUtilization": 70}}}])),
            create("/api/v1/nodes", manifest("v1", "Node", "node", metadata={
                "name": "node", "labels": {"node-role.kubernetes.io/worker": ""}})),
            *(get(path, accept=TABLE, includeObject="None", only=("kind", "rows")) for path in (
                f"{MAPS}/a", f"{SERVICES}/ports", f"{NETWORKING}/ingresses/web",
                f"{CRON_JOBS}/tick", f"{CLAIMS}/data", f"{APPS}/daemonsets/agent",
                f"{AUTOSCALERS}/cpu", "/api/v1/nodes/node")),
            delete("/api/v1/nodes/node"),
        ),
    ),
)  # fmt: skip
