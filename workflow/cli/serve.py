"""`baton serve` and `baton scheduler`: the programs that stay."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from workflow.assembly import open_accounts, settle
from workflow.cli.desk import Desk
from workflow.cli.log import write_log
from workflow.cli.trouble import Trouble
from workflow.scheduler import Ticker
from workflow.service.door import Workflow
from workflow.settings import Settings

ROOM_FOR_FORMS = 4_000_000
"""Bytes of a request beside the largest file."""

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - to tell it apart, not to listen there


@click.command()
@click.option("--host", help="The address to listen at. Default: the settings'. 0.0.0.0 lets other machines in.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port. Default: the settings'. 0 takes any free one.")
@click.option("--scheduler/--no-scheduler", default=None, help="Whether deadlines are watched in this process.")
@click.pass_obj
def serve(desk: Desk, *, host: str | None, port: int | None, scheduler: bool | None) -> None:
    """Serve the pages, and watch the deadlines in the same process.

    It runs until Ctrl-C or SIGTERM, and then lets what has begun come to its end. Any number of them may run on
    one PostgreSQL database, behind a proxy.
    """
    settings = desk.settings
    where = host if host is not None else settings.server.host
    listening = listen(where, settings.server.port if port is None else port)
    with listening, stopping() as stop:
        workflow = desk.workflow()
        write_log(settings)
        # Imported here: only this command needs the pages.
        from web import create_app

        app = create_app(workflow, settings, open_accounts(workflow.database, settings), origins=desk.origins())
        ticker = Ticker(workflow, settings)
        settle()
        with ticking(ticker, settings.server.scheduler if scheduler is None else scheduler) as watched:
            greet(settings, workflow, where, listening.getsockname()[1], watched=watched)
            run(app, listening, settings, stop)
    click.echo("Stopped.")


@click.command()
@click.pass_obj
def scheduler(desk: Desk) -> None:
    """Watch the deadlines, without serving pages.

    For an installation with `scheduler = false` in [server]. Several do no harm: what is due is done once.
    """
    with stopping() as stop:
        workflow = desk.workflow()
        write_log(desk.settings)
        settle()
        with ticking(Ticker(workflow, desk.settings), True):
            click.echo(f"Watching the deadlines, every {desk.settings.scheduler.tick:g} s. Ctrl-C stops it.")
            stop.wait()
    click.echo("Stopped.")


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts. Raises `Trouble`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise Trouble(f"There is no address {host}: {error}") from error
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
        taken.listen(1024)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise Trouble(
                f"Port {port} is in use: is a Baton running already? Choose another with --port, or port in [server]."
            ) from error
        if error.errno == errno.EACCES:
            raise Trouble(f"Port {port} is for the system alone; take one from 1024 on.") from error
        raise Trouble(f"It is not possible to listen at {host}, port {port}: {error.strerror}.") from error
    return taken


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that is set when the process is asked to end, politely or with Ctrl-C."""
    stop = threading.Event()

    def ask(number: int, frame: Any) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ticking(ticker: Ticker, wanted: bool) -> Iterator[bool]:
    if wanted:
        ticker.start()
    try:
        yield wanted
    finally:
        ticker.stop()


def run(app: Any, listening: socket.socket, settings: Settings, stop: threading.Event) -> None:
    """Answer requests until `stop` is set; those that have begun are finished."""
    from waitress import create_server, wasyncore

    channels: dict[int, Any] = {}
    server = create_server(
        app,
        map=channels,
        sockets=[listening],
        threads=settings.server.threads,
        ident=None,
        max_request_body_size=settings.files.max_bytes + ROOM_FOR_FORMS,
        # What the proxies say is believed by the application, as far as trusted_proxies goes.
        clear_untrusted_proxy_headers=settings.server.trusted_proxies == 0,
    )
    try:
        while not stop.is_set():
            wasyncore.loop(timeout=0.5, map=channels, use_poll=True, count=1)
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def greet(settings: Settings, workflow: Workflow, host: str, port: int, *, watched: bool) -> None:
    """Where to go, and in a demonstration whom to sign in as."""
    from workflow.intake.demo import PASSWORD, is_demonstration, sign_ins

    shown = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    click.echo(f"Baton is at {settings.server.public_url or f'http://{shown}:{port}'}")
    if is_demonstration(workflow.database):
        click.echo(f"Sign in with the password {PASSWORD} as")
        for one in sign_ins():
            click.echo(f"  {one.login:<12} {one.title_en} / {one.title_zh}")
    if not watched:
        click.echo("Deadlines are not watched in this process; run `baton scheduler` beside it.")
    click.echo("Ctrl-C stops it.")
