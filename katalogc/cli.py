"""The commands of `katalogc`: arguments in, one call, an exit code out. Nothing heavy is imported up front."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="katalogc",
    help="Compile a Katalog, a YAML file that declares a Kubernetes operator, into that operator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Format = Annotated[str, typer.Option("--format", help="text, concise, json, sarif or github")]


@app.command(help="Example: katalogc version --format json\n\nVersions of katalogc, Python, Kubernetes and the bundle.")
def version(format: Annotated[str, typer.Option(help="text or json")] = "text") -> None:
    """Print what this installation is."""
    from katalogc.commands import version as command

    raise typer.Exit(command.run(format=format))
