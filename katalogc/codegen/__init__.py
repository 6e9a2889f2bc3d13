"""The generators: an operator's intermediate representation in, every file of a build out. No I/O.

    artifacts = generate(ir)
    artifacts = generate(ir, Options(rbac="reference", image="registry.example.com/data:1.2.0"))

Each generator is a module of its own that names the file it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from katalogc.codegen.artifact import Artifact
    from katalogc.codegen.permissions import RbacStyle
    from katalogc.ir import OperatorIR

__all__ = ["Options", "generate", "image_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a build may choose."""

    rbac: RbacStyle = "minimal"
    image: str = ""
    """The image reference of the operator process; empty means `<name>:<version>`."""
    namespace: str = ""
    """Where the operator process lives; empty means the Katalog's own choice, `<name>-system`."""
    shards: int = 1
    """Into how many shares the custom resources are divided, each with a process of its own."""


def image_of(ir: OperatorIR) -> str:
    """The image that the manifests name unless the build says otherwise: `<name>:<version>`."""
    from katalogc.codegen.labels import label_value

    return f"{ir.name}:{label_value(ir.version) or 'latest'}"


def generate(ir: OperatorIR, options: Options | None = None) -> tuple[Artifact, ...]:
    """Every file of a build, sorted by path; same representation, same bytes.

    Raises:
        katalogc.errors.SurroundingsError: the bundle is larger than a ConfigMap may be.
    """
    from katalog_runtime.bundle import dumps
    from katalogc.codegen import documentation
    from katalogc.codegen.artifact import Artifact
    from katalogc.codegen.bundle import build
    from katalogc.codegen.crd import crds
    from katalogc.codegen.dockerfile import dockerfile
    from katalogc.codegen.kustomization import kustomization
    from katalogc.codegen.operator import operator
    from katalogc.codegen.permissions import permissions
    from katalogc.codegen.rbac import rbac
    from katalogc.codegen.samples import samples

    options = options or Options()
    if options.namespace:
        ir = replace(ir, namespace=options.namespace)
    image = options.image or image_of(ir)
    granted = permissions(ir, options.rbac, options.shards)
    pages = [documentation.page_of(ir, each, granted) for each in ir.controllers]
    html = {page.name: documentation.html(page) for page in pages}
    bundle = dumps(build(ir, permissions=granted, pages=html))
    types = tuple(crds(ir))
    access = rbac(ir, granted)
    process = operator(ir, bundle=bundle, image=image, shards=options.shards)
    objects = [each.path for each in (*types, access, process)]
    return tuple(
        sorted(
            (
                *types,
                access,
                process,
                Artifact("bundle.json", bundle),
                kustomization(objects, image=image),
                dockerfile(ir, image=image),
                *(Artifact(f"docs/{each.name}.md", documentation.markdown(each)) for each in pages),
                *samples(ir),
            )
        )
    )
