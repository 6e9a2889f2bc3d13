"""`kustomization.yaml`: what `kubectl apply -k` takes from a build, and its image."""

from __future__ import annotations

from collections.abc import Sequence

from katalogc.codegen.artifact import Artifact, yaml_artifact


def kustomization(resources: Sequence[str], *, image: str) -> Artifact:
    """The build as a kustomization of `resources`, paths relative to it.

    Args:
        resources: the files of Kubernetes objects, in the order in which they are listed.
        image: the operator's image reference; its name and tag are repeated where
            `kustomize edit set image` looks for them.
    """
    name, tag = split_image(image)
    override = {"name": name, "newTag": tag} if tag else {"name": name}
    return yaml_artifact(
        "kustomization.yaml",
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(resources),
            **({"images": [override]} if tag else {}),
        },
    )


def split_image(image: str) -> tuple[str, str]:
    """Name and tag of an image reference; the tag is empty for a digest or where there is none."""
    name, colon, tag = image.rpartition(":")
    if "@" in image or not colon or "/" in tag:
        return image, ""
    return name, tag
