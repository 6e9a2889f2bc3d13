from dataclasses import replace

import yaml

from katalogc.codegen.permissions import permissions
from katalogc.codegen.rbac import rbac
from tests.codegen.operators import DATA_JOB, config_map, controller, operator, replica_set, secret


def granted(ir, style="minimal"):
    return {
        (each.group, each.resource, each.resource_names): each for each in permissions(ir, style)
    }


def documents(ir):
    return list(yaml.safe_load_all(rbac(ir, permissions(ir)).content))


def test_every_verb_is_one_that_the_runtime_uses():
    verbs = {key[:2]: each.verbs for key, each in granted(operator()).items() if not key[2]}
    assert verbs == {
        ("coordination.k8s.io", "leases"): ("create",),
        ("", "events"): ("create",),
        ("data.example.com", "datajobs"): ("list", "watch", "update"),
        ("data.example.com", "datajobs/status"): ("update",),
        ("", "configmaps"): ("get", "list", "watch", "create", "patch", "delete"),
        ("apps", "replicasets"): ("get", "list", "watch", "create", "patch", "delete"),
    }


def test_the_lease_is_named_where_rbac_can_name_it():
    lease = granted(operator())[("coordination.k8s.io", "leases", ("data-platform-leader",))]
    assert lease.verbs == ("get", "update")
    assert lease.namespaces == ("data-platform-system",)


def test_reference_style_grants_the_reference_systems_verbs():
    found = granted(operator(), "reference")
    seven = ("get", "list", "watch", "create", "update", "patch", "delete")
    assert found[("", "configmaps", ())].verbs == seven
    assert found[("data.example.com", "datajobs", ())].verbs == seven
    assert found[("data.example.com", "datajobs/status", ())].verbs == ("get", "update", "patch")


def test_children_of_a_motif_are_granted_too():
    assert "worker-pool" in granted(operator())[("apps", "replicasets", ())].reason


def test_children_of_one_kind_are_one_permission():
    ir = operator(controller(children=(config_map(), config_map(), secret())))
    assert [each.resource for each in permissions(ir)].count("configmaps") == 1


def test_an_unrestricted_katalog_gets_a_cluster_role_and_a_role_for_its_lease():
    kinds = [(each["kind"], each["metadata"].get("namespace")) for each in documents(operator())]
    assert kinds == [
        ("ServiceAccount", "data-platform-system"),
        ("ClusterRole", None),
        ("ClusterRoleBinding", None),
        ("Role", "data-platform-system"),
        ("RoleBinding", "data-platform-system"),
    ]


def test_a_restricted_katalog_gets_roles_and_nothing_cluster_wide():
    ir = operator(controller(namespaces=("demo-05", "team-a")))
    found = documents(ir)
    assert {each["kind"] for each in found} == {"ServiceAccount", "Role", "RoleBinding"}
    roles = {each["metadata"]["namespace"]: each for each in found if each["kind"] == "Role"}
    assert set(roles) == {"data-platform-system", "demo-05", "team-a"}
    resources = {rule["resources"][0] for rule in roles["demo-05"]["rules"]}
    assert resources == {"events", "datajobs", "datajobs/status", "configmaps", "replicasets"}


def test_a_cluster_scoped_type_is_never_granted_by_a_role():
    api = replace(DATA_JOB, namespaced=False)
    ir = operator(controller(api=api, namespaces=("demo-05",)))
    assert granted(ir)[("data.example.com", "datajobs", ())].namespaces == ()
    assert granted(ir)[("", "configmaps", ())].namespaces == ()


def test_equal_rules_of_two_types_become_one_with_both_reasons():
    other = replace(DATA_JOB, kind="Alert", plural="alerts")
    ir = operator(controller(), controller(name="alert", api=other, children=(config_map(),)))
    text = rbac(ir, permissions(ir)).content
    assert text.count("resources: [configmaps]") == 1
    assert "# DataJob: create and delete its ConfigMap\n# Alert: create and delete" in text


def test_every_rule_says_why_and_none_has_a_wildcard():
    ir = operator(controller(children=(config_map(), replica_set(), secret())))
    lines = rbac(ir, permissions(ir)).content.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("- apiGroups:")]
    assert starts
    assert all(lines[index - 1].startswith("# ") for index in starts)
    assert not any("*" in line for line in lines)
