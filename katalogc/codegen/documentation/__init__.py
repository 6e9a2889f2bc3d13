"""Documentation pages: one per custom resource type, as HTML and as Markdown, and an index of them.

    page = page_of(ir, controller, permissions)
    html(page), markdown(page)

`page` is the model, `sections` and `fields` fill it, the templates render it.
"""

from __future__ import annotations

from collections.abc import Sequence

from katalog_runtime.documentation_page import STATE_MARK
from katalogc.codegen.artifact import Artifact
from katalogc.codegen.crd import custom_resource_definition, schema_of
from katalogc.codegen.documentation import sections
from katalogc.codegen.documentation.page import Page, pieces
from katalogc.codegen.origins import Origins
from katalogc.codegen.permissions import PermissionIR
from katalogc.codegen.samples import sample
from katalogc.codegen.text import render
from katalogc.codegen.yaml_emitter import emit
from katalogc.ir import ControllerIR, OperatorIR

__all__ = [
    "Page",
    "html",
    "html_pages",
    "index_html",
    "index_markdown",
    "markdown",
    "page_of",
    "site",
]


def page_of(ir: OperatorIR, controller: ControllerIR, permissions: Sequence[PermissionIR]) -> Page:
    """The page of one CRD."""
    api = controller.api
    schema = schema_of(ir, controller)
    names = custom_resource_definition(ir, controller)["spec"]["names"]
    return Page(
        name=controller.name,
        kind=api.kind,
        gvk=f"{api.api_version}, Kind={api.kind}",
        operator=ir.name,
        version=ir.version,
        scope="Namespaced" if api.namespaced else "Cluster",
        description=" ".join(controller.description.split()),
        sections=(
            sections.overview(ir, controller),
            sections.reconcile_mode(controller),
            sections.configuration(controller),
            sections.child_resources(controller, Origins.of(ir)),
            sections.specification(schema, controller, emit(sample(ir, controller))),
            sections.status(schema, controller),
            sections.kubectl_reference(controller, names.get("singular") or api.kind.lower()),
            sections.access_control(controller, permissions),
        ),
    )


def html_pages(ir: OperatorIR, permissions: Sequence[PermissionIR]) -> dict[str, str]:
    """The HTML page of every CRD, by its name."""
    return {
        controller.name: html(page_of(ir, controller, permissions)) for controller in ir.controllers
    }


def html(page: Page, *, index: str = "") -> str:
    """The page as one self-contained HTML document: no script, no font, no image from elsewhere.

    Args:
        page: what it says.
        index: where the list of all pages stands; empty for the operator, which serves the page
            with its own way back and the state at the mark.
    """
    return render("page.html.j2", page=page, pieces=pieces, index=index, mark=STATE_MARK)


def markdown(page: Page) -> str:
    """The page as GitHub-flavoured Markdown."""
    return render("page.md.j2", page=page)


def site(ir: OperatorIR, permissions: Sequence[PermissionIR]) -> tuple[Artifact, ...]:
    """Every page of an operator in both forms, and an index in both."""
    pages = [page_of(ir, controller, permissions) for controller in ir.controllers]
    return (
        Artifact("index.html", index_html(ir, pages)),
        Artifact("index.md", index_markdown(ir, pages)),
        *(Artifact(f"{page.name}.html", html(page, index="index.html")) for page in pages),
        *(Artifact(f"{page.name}.md", markdown(page)) for page in pages),
    )


def index_html(ir: OperatorIR, pages: Sequence[Page]) -> str:
    """The list of an operator's pages as HTML."""
    return render("index.html.j2", operator=ir, pages=pages)


def index_markdown(ir: OperatorIR, pages: Sequence[Page]) -> str:
    """The list of an operator's pages as Markdown."""
    return render("index.md.j2", operator=ir, pages=pages)
