"""Asks a real API server the questions in `recorded/*.json` and writes its answers beside them.

    python -m tests.schemas.record URL TOKEN CA_FILE

A scenario is `{"name", "steps": [{"method", "path", "query", "content", "body", "answer"}]}`; a
step's `answer` is `{"status", "reason", "message"}` of a refusal or `{"status", "object"}` with
what differs between runs left out. Every scenario runs in a namespace of its own, `default` in its
paths and bodies.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.controlplane.api import Answer, Api

FOLDER = Path(__file__).with_name("recorded")
_VOLATILE = ("uid", "resourceVersion", "creationTimestamp", "generation", "selfLink")
_ASSIGNED = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort")


def steady(body: dict[str, Any]) -> dict[str, Any]:
    """An object without what the server assigns or what changes from run to run."""
    metadata = {k: v for k, v in body["metadata"].items() if k not in _VOLATILE}
    rows = metadata.get("managedFields")
    if rows is not None:
        metadata["managedFields"] = [{k: v for k, v in row.items() if k != "time"} for row in rows]
    result = {**body, "metadata": metadata}
    if body.get("kind") == "Job":
        result = _without_job_identity(result)
    if body.get("kind") == "Service":
        result["spec"] = {k: v for k, v in body["spec"].items() if k not in _ASSIGNED}
        ports = result["spec"].get("ports") or ()
        result["spec"]["ports"] = [{k: v for k, v in p.items() if k != "nodePort"} for p in ports]
    return result


def _without_job_identity(job: dict[str, Any]) -> dict[str, Any]:
    """A Job without the selector and labels that hold its UID."""
    spec = {k: v for k, v in job["spec"].items() if k != "selector"}
    template = dict(spec["template"])
    template["metadata"] = {k: v for k, v in template["metadata"].items() if k != "labels"}
    metadata = {k: v for k, v in job["metadata"].items() if k != "labels"}
    return {**job, "metadata": metadata, "spec": {**spec, "template": template}}


def summary(status: int, body: Any) -> dict[str, Any]:
    """An answer as it is recorded."""
    if isinstance(body, dict) and body.get("kind") == "Status" and status >= 400:
        return {"status": status, "reason": body.get("reason"), "message": body.get("message")}
    return {"status": status, "object": steady(body)}


def _ask(api: Api, step: dict[str, Any], namespace: str) -> Answer:
    text = json.dumps(step["body"]).replace('"namespace": "default"', f'"namespace": "{namespace}"')
    path = step["path"].replace("/namespaces/default/", f"/namespaces/{namespace}/")
    return api.request(
        step["method"], path, json.loads(text), content_type=step["content"], **step["query"]
    )


def _wait_until(api: Api, crd: dict[str, Any], *, served: bool) -> None:
    """Polls until the type is there (or gone) for a while: handlers come and go behind discovery."""
    spec = crd["spec"]
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    seen = 0
    for _ in range(20_000):
        seen = seen + 1 if api.get(path).ok == served else 0
        if seen > 200:
            return
    raise TimeoutError(path)


def record(api: Api, path: Path) -> int:
    """Records one file; returns how many scenarios it holds."""
    scenarios = json.loads(path.read_text(encoding="utf-8"))
    for number, scenario in enumerate(scenarios):
        namespace = f"{path.stem.replace('_', '-')}-{number}-{os.getpid()}"
        api.post(
            "/api/v1/namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        )
        for step in scenario["steps"]:
            is_crd = scenario["name"].startswith("crd")
            if is_crd:
                api.delete(f"{step['path']}/{step['body']['metadata']['name']}")
                _wait_until(api, step["body"], served=False)
            answer = _ask(api, step, namespace)
            text = json.dumps(summary(answer.status, answer.body)).replace(namespace, "default")
            step["answer"] = json.loads(text)
            if is_crd:
                _wait_until(api, step["body"], served=True)
        api.delete(f"/api/v1/namespaces/{namespace}")
    path.write_text(
        "[\n" + ",\n".join(json.dumps(each, sort_keys=True) for each in scenarios) + "\n]\n",
        encoding="utf-8",
    )
    return len(scenarios)


if __name__ == "__main__":
    url, token, ca = sys.argv[1:4]
    server = Api(url, token=token, ca=ca)
    for each in sorted(FOLDER.glob("*.json")):
        sys.stdout.write(f"{each.name}: {record(server, each)} scenarios\n")
