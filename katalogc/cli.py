"""The commands of `katalogc`: arguments in, one call, an exit code out.

Nothing heavy is imported up front: each command imports what it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc
from typing import Annotated, Literal

import typer
from typer.models import CommandInfo

app = typer.Typer(
    name="katalogc",
    help="Compile a Katalog, a YAML file that declares a Kubernetes operator, into that operator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Katalog = Annotated[str, typer.Argument(metavar="PATH", help="a Katalog, or a folder holding one")]
Paths = Annotated[list[str] | None, typer.Argument(metavar="PATH", help="files or folders")]
Recursive = Annotated[bool, typer.Option("-r", help="look into folders recursively")]
Check = Annotated[bool, typer.Option("--check", help="compare with the folder; 1 if different")]
Namespace = Annotated[
    str, typer.Option("-n", "--namespace", metavar="NAMESPACE", help="where the operator runs")
]
Output = Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="the folder to write")]
Resource = Annotated[
    str, typer.Option("--cr", metavar="FILE", help="the custom resource; - for standard input")
]
Format = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, concise, json, sarif or github")
]
Port = Annotated[
    int,
    typer.Option(
        "--port", metavar="PORT", min=0, max=65535, help="the API's port; 0 takes a free one"
    ),
]
WriteKubeconfig = Annotated[
    str, typer.Option("--kubeconfig", metavar="FILE", help="the kubeconfig to write")
]
Data = Annotated[
    str, typer.Option("--data", metavar="FILE", help="a file that keeps the state between starts")
]
TextOrJson = Annotated[
    Literal["text", "json"], typer.Option("--format", metavar="FORMAT", help="text or json")
]
Kubeconfig = Annotated[
    str, typer.Option("--kubeconfig", metavar="FILE", help="a kubeconfig, as in kubectl")
]
Context = Annotated[
    str, typer.Option("--context", metavar="NAME", help="a context of the kubeconfig")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from katalog_runtime.version import __version__

        typer.echo(f"katalogc {__version__}")
        raise typer.Exit


@app.callback()
def every_command(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="print the version"),
    ] = False,
) -> None:
    """What stands before a command."""


@app.command(short_help="Find every mistake, with file, line and column.")
def validate(
    paths: Paths = None,
    recursive: Recursive = False,
    format: Format = "text",
) -> None:
    """Example: katalogc validate samples/datajob-katalog.yaml

    Find every mistake, with file, line and column. Needs no cluster.
    """
    from katalogc.commands import validate as command

    raise typer.Exit(command.run(paths=paths or ["."], recursive=recursive, format=format))


@app.command(short_help="Write the operator: CRDs, RBAC, Deployment, bundle.")
def build(
    path: Katalog = ".",
    output: Output = "",
    check: Check = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="print one YAML stream instead")] = False,
    rbac: Annotated[
        str, typer.Option("--rbac", metavar="VERBS", help="minimal or reference")
    ] = "minimal",
    namespace: Namespace = "",
    image: Annotated[
        str, typer.Option("--image", metavar="IMAGE", help="the operator's image")
    ] = "",
    shards: Annotated[
        str, typer.Option("--shards", metavar="N", help="divide the objects (1)")
    ] = "",
    format: Format = "text",
) -> None:
    """Example: katalogc build samples/datajob-katalog.yaml -o operator/

    Write the operator: CRDs, least-privilege RBAC, Deployment, bundle, documentation, samples.
    """
    from katalogc.commands import build as command

    code = command.run(
        path=path, output=output or None, check=check, stdout=stdout, rbac=rbac, format=format,
        namespace=namespace or None, image=image or None, shards=shards or None,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command(short_help="Print the children of one custom resource.")
def render(
    path: Katalog = ".",
    cr: Resource = "",
) -> None:
    """Example: katalogc render samples/datajob-katalog.yaml --cr samples/data-platform/cr.yaml

    Print the children and the status that one custom resource gets, as YAML.
    """
    from katalogc.commands import render as command

    raise typer.Exit(command.run(path=path, cr=cr or None))


@app.command(short_help="Write a documentation page for each custom resource.")
def docs(
    path: Katalog = ".",
    output: Output = "docs",
) -> None:
    """Example: katalogc docs samples/datajob-katalog.yaml -o site/

    Write a documentation page for each custom resource, as HTML and Markdown.
    """
    from katalogc.commands import docs as command

    raise typer.Exit(command.run(path=path, output=output))


@app.command(name="eval", short_help="Try one expression on data.")
def evaluate(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="a template")] = "",
    data: Annotated[
        str, typer.Option("--data", metavar="FILE", help="JSON or YAML; - for standard input")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Go's own behaviour throughout")] = False,
    batch: Annotated[bool, typer.Option("--batch", help="JSON Lines in, JSON Lines out")] = False,
) -> None:
    """Example: katalogc eval '{{ .spec.image | toUpper }}' --data cr.yaml

    Try one expression on data.
    """
    from katalogc.commands import eval as command

    raise typer.Exit(command.run(text=text, data=data or None, strict=strict, batch=batch))


@app.command(short_help="Show what expressions may call.")
def functions(
    name: Annotated[str, typer.Argument(metavar="NAME", help="one function")] = "",
    format: TextOrJson = "text",
) -> None:
    """Example: katalogc functions default

    Show what expressions may call, with signature and example.
    """
    from katalogc.commands import functions as command

    raise typer.Exit(command.run(name=name or None, format=format))


@app.command(short_help="Be the operator of a Katalog or a bundle.")
def run(
    path: Annotated[str, typer.Argument(metavar="PATH|BUNDLE", help="what to run")] = ".",
    local: Annotated[bool, typer.Option("--local", help="bring an embedded cluster")] = False,
    embedded_data: Annotated[
        str,
        typer.Option(
            "--embedded-data", metavar="FILE", help="with --local: a file that keeps its state"
        ),
    ] = "",
    workers: Annotated[str, typer.Option("--workers", metavar="N", help="per CRD (3)")] = "",
    resync: Annotated[
        str,
        typer.Option("--resync", metavar="DURATION", help="how often all is looked at again (15s)"),
    ] = "",
    queue_depth: Annotated[
        str, typer.Option("--queue-depth", metavar="N", help="0: unlimited (100)")
    ] = "",
    address: Annotated[
        str, typer.Option("--address", metavar="HOST:PORT", help="where to serve (127.0.0.1:8080)")
    ] = "",
    leader_elect: Annotated[
        bool | None, typer.Option("--leader-elect/--no-leader-elect", help="on in a cluster")
    ] = None,
    namespace: Annotated[
        str,
        typer.Option(
            "-n", "--namespace", metavar="NAMESPACE", help="watch only this namespace (all)"
        ),
    ] = "",
    shard: Annotated[
        str, typer.Option("--shard", metavar="I/N", help="one share of all objects")
    ] = "",
    log_format: Annotated[
        str, typer.Option("--log-format", metavar="FORMAT", help="json or text")
    ] = "",
    log_level: Annotated[
        str, typer.Option("--log-level", metavar="LEVEL", help="debug to error (info)")
    ] = "",
    kubeconfig: Kubeconfig = "",
    context: Context = "",
    end_with_stdin: Annotated[
        bool, typer.Option("--end-with-stdin", help="end when standard input closes")
    ] = False,
) -> None:
    """Example: katalogc run samples/datajob-katalog.yaml --local

    Be the operator until Ctrl-C or SIGTERM. A Katalog is compiled first.
    """
    from katalogc.commands import run as command

    code = command.run(
        path=path, local=local, embedded_data=embedded_data or None, workers=workers or None,
        resync=resync or None, queue_depth=queue_depth or None, address=address or None,
        leader_elect=leader_elect, namespace=namespace or None, shard=shard or None,
        log_format=log_format or None, log_level=log_level or None,
        kubeconfig=kubeconfig or None, context=context or None, end_with_stdin=end_with_stdin,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command(short_help="Embedded cluster and operator; saved changes are loaded.")
def dev(
    path: Katalog = ".",
    port: Port = 0,
    kubeconfig: WriteKubeconfig = "",
    address: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="where the operator serves")
    ] = "127.0.0.1:8080",
    data: Data = "",
) -> None:
    """Example: katalogc dev samples/datajob-katalog.yaml

    Run the operator on an embedded cluster; files are watched: check, show what changes, reload.
    """
    from katalogc.commands import dev as command

    code = command.run(
        path=path, port=port, kubeconfig=kubeconfig or None, address=address, data=data or None
    )
    raise typer.Exit(code)


@app.command(short_help="An embedded Kubernetes API for kubectl and tests.")
def cluster(
    port: Port = 0,
    kubeconfig: WriteKubeconfig = "",
    data: Data = "",
) -> None:
    """Example: katalogc cluster --kubeconfig kubeconfig --data state.json

    Serve a Kubernetes API from memory on the loopback interface until Ctrl-C.
    """
    from katalogc.commands import cluster as command

    code = command.run(port=port, kubeconfig=kubeconfig or None, data=data or None)
    raise typer.Exit(code)


@app.command(short_help="Print versions.")
def version(format: TextOrJson = "text") -> None:
    """Example: katalogc version --format json

    Print the versions of katalogc, Python, Kubernetes and the bundle.
    """
    from katalogc.commands import version as command

    raise typer.Exit(command.run(format=format))


def prepared(first: Sequence[str]) -> typer.Typer:
    """The command line, ready to be called.

    Where the first argument is a command, it knows that one alone: typer prepares the parameters of
    every command that it knows, and those of ten are a tenth of the time that a check takes.
    """
    called = [each for each in app.registered_commands if _name_of(each) in first]
    app.registered_commands = called or app.registered_commands
    for each in app.registered_commands:
        # No line is broken in the first paragraph of a help: it is there to be copied.
        each.help = "\b\n" + cleandoc(each.callback.__doc__ or "") if each.callback else None
    return app


def _name_of(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))
