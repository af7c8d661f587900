"""`baton diagram`: a lifecycle as a drawing."""

from __future__ import annotations

from pathlib import Path

import click

from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.definitions.library import Library


@click.command()
@click.argument("name")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of the titles.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The SVG file to write. Default: standard output.",
)
@click.pass_obj
def diagram(desk: Desk, name: str, language: str, output: Path | None) -> None:
    """Draw the lifecycle NAME as SVG: its states, and which trigger leads from one to another."""
    library = Library.load(desk.settings.definitions.folder)
    definition = library.latest.get(name)
    if definition is None:
        raise Trouble(f"There is no lifecycle {name}; there are: {', '.join(sorted(library.latest))}.")
    # Imported here: it brings a whole layout engine along.
    from workflow.definitions.diagram import draw

    svg = draw(definition, language, standalone=True)
    if output is None:
        click.echo(svg, nl=False)
        return
    try:
        output.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {output}.", err=True)
