"""The command line: `python -m server up`, one role alone, or a tool."""

import argparse
import asyncio
import sys

COMMANDS = {
    "up": "start everything on this machine: embedded Valkey, web, media, worker and (without --no-demo) the house channel",
    "web": "the web role: HTTP, websockets, WHIP/WHEP signalling",
    "media": "the media role: UDP fan-out",
    "worker": "the worker role: consumes the bus, timers",
    "demo": "the house channel: a robot host and robot viewers, through the public address",
    "owner": "print the studio's address; while the shop has no owner, with the key that makes the first visitor its owner",
    "migrate": "bring the database to the current schema",
    "ledger": "look at shows that were stopped, and let them go on: status, audit, restore, unfence",
    "doctor": "check the installation, from ports to publish → recover",
    "map": "print the events, questions and channels of every module",
    "schema": "write schemas/generated/",
}

LASTING = ("up", "web", "media", "worker", "demo")
"""Commands that run until they are stopped."""


def main() -> int:
    """Exit status 0, or 1 after one line on standard error that says what to do."""
    arguments = parse(sys.argv[1:])
    try:
        from server.kernel.errors import SetupError

        try:
            return run(arguments)
        except SetupError as error:
            print(f"efir: {error}", file=sys.stderr)
            return 1
    except ModuleNotFoundError as error:
        print(f"efir: the package {error.name!r} is not installed; `make run` installs everything", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parse(words: list[str]) -> argparse.Namespace:
    """Arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m server", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name == "up":
            command.add_argument("--no-demo", action="store_true", help="leave the house channel out")
        if name in ("web", "media", "worker", "demo"):
            command.add_argument("--parent", type=int, default=0, help="end together with this process")
        if name == "ledger":
            command.add_argument("action", choices=("status", "audit", "restore", "unfence"))
            command.add_argument("show", nargs="?", default="", help="id of the show; not for status")
        if name == "schema":
            command.add_argument("--check", action="store_true", help="only say whether the files are current")
    return parser.parse_args(words)


def run(arguments: argparse.Namespace) -> int:
    """Do one command; imports are late so that a missing package is one line and not a traceback."""
    from server.kernel import log
    from server.kernel.config import read_settings
    from server.kernel.process import die_with_parent

    if getattr(arguments, "parent", 0):
        die_with_parent(arguments.parent)
    settings = read_settings()
    # Tools speak on standard output; only what is wrong belongs beside it.
    log.configure(arguments.command, settings.log_level if arguments.command in LASTING else "WARNING")
    match arguments.command:
        case "up":
            from server.up import up

            return asyncio.run(up(settings, demo=not arguments.no_demo))
        case "web" | "media" | "worker" | "demo" as role:
            return run_role(role)
        case "owner":
            from server.up import studio_link

            print(asyncio.run(studio_link(settings))[0])
            return 0
        case "migrate":
            from server.store.migrate import upgrade

            asyncio.run(upgrade(settings.sql_url))
            return 0
        case "ledger":
            return run_ledger(arguments.action, arguments.show)
        case "doctor":
            from server.doctor import doctor

            return asyncio.run(doctor(settings))
        case "map":
            from server.app import MODULES
            from server.map import render_map

            print(render_map(MODULES))
            return 0
    return write_schema(check=arguments.check)


def run_ledger(action: str, show_id: str) -> int:
    """One look at the ledger, or one deed."""
    from server.kernel.config import read_settings
    from server.kernel.errors import SetupError
    from server.ledger.admin import ledger_command

    if action != "status" and not show_id:
        raise SetupError(f"say which show: python -m server ledger {action} <show id>; `ledger status` lists them")
    return asyncio.run(ledger_command(read_settings(), action, show_id, print))


def run_role(role: str) -> int:
    """One role, on uvloop: a third less time per socket operation than the standard loop."""
    import uvloop

    from server.kernel.config import read_settings, with_secret

    settings = with_secret(read_settings())
    if role == "demo":
        from server.demo.channel import run_demo
        from server.demo.memory import remember
        from server.kernel.clock import SystemClock

        clock = SystemClock()
        folder = settings.data_path
        uvloop.run(run_demo(settings.local_url, folder, remember(folder, clock), clock))
        return 0
    from server.app import ROLES, worker

    if role == "worker":
        from server.demo.rehearsals import visit_rehearsals

        uvloop.run(worker(settings, visit_rehearsals))
        return 0
    uvloop.run(ROLES[role](settings))
    return 0


def write_schema(*, check: bool) -> int:
    """`schemas/generated/`, the OpenAPI document of the modules included."""
    import msgspec

    from schemas import export
    from server.app import MODULES
    from server.http.openapi import openapi_document

    openapi = msgspec.json.format(msgspec.json.encode(openapi_document(MODULES), order="sorted"), indent=1).decode() + "\n"
    wanted = export.files({"openapi.json": openapi})
    if not check:
        export.write(wanted)
        return 0
    stale = export.drifted(wanted)
    if stale:
        print(f"drifted: {', '.join(stale)}; run `python -m server schema`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
