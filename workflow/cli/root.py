"""The group of all commands, and what becomes of errors: a sentence and an exit code, never a traceback.

Exit codes: 0 done; 1 it could not be done, was interrupted, or what was checked is not in order; 2 the command
was not understood.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

from workflow import __version__
from workflow.cli.desk import Desk
from workflow.cli.trouble import expected, said

COMMANDS = {
    "init": "workflow.cli.init:init",
    "demo": "workflow.cli.demo:demo",
    "serve": "workflow.cli.serve:serve",
    "scheduler": "workflow.cli.serve:scheduler",
    "check": "workflow.cli.check:check",
    "db": "workflow.cli.db:db",
    "person": "workflow.cli.person:person",
    "simulate": "workflow.cli.simulate:simulate",
    "case": "workflow.cli.case:case",
    "replay": "workflow.cli.replay:replay",
    "seal": "workflow.cli.seal:seal",
    "checkpoint": "workflow.cli.seal:checkpoint",
    "proof": "workflow.cli.proof:proof",
    "verify": "workflow.cli.proof:verify",
    "erase": "workflow.cli.erase:erase",
    "import": "workflow.cli.intake:import_",
    "export": "workflow.cli.export:export",
    "diagram": "workflow.cli.diagram:diagram",
    "calendar": "workflow.cli.calendar:calendar",
    "due": "workflow.cli.due:due_",
    "lateness": "workflow.cli.lateness:lateness",
    "control": "workflow.cli.control:control",
    "asof": "workflow.cli.asof:asof",
    "refusals": "workflow.cli.refusals:refusals",
}
"""Each command is loaded when it is asked for, so that `baton check` need not wait for the web server's imports."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has gone (`baton case history 7 | head`); click ends quietly.
            raise
        except expected() as error:
            for line in said(error):
                click.echo(f"baton: {line}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file with the settings. Default: what BATON_CONFIG names, else config.toml in this folder.",
)
@click.version_option(__version__, message="Baton %(version)s")
@click.pass_context
def baton(ctx: click.Context, config: Path | None) -> None:
    """Baton (接力) runs the lifecycles of an organisation, so that nothing waits unseen.

    To look around, with an invented organisation:

    \b
      baton demo          make it (takes a few minutes)
      baton serve         then open the address that it prints

    To begin with your own:

    \b
      baton init          the database, a key, and you as administrator
      baton serve

    `baton COMMAND --help` says more about each. Settings are in config.toml; every one can also be given in
    the environment: BATON_SERVER_PORT=9000.
    """
    ctx.obj = Desk(config)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """What the `baton` program does."""
    baton.main(prog_name="baton")
