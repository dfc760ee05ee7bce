"""The front door of lianzai: the environment becomes a Config, the verbs of both rooms become one command.

Takes   arguments and LIANZAI_HOME, LIANZAI_DATABASE_URL, LIANZAI_LOG, NO_COLOR. Gives: an exit code (CONTRACT, "Exit codes").
Writes  one line on stderr where something went wrong; all else is the verb's.

A verb's module is imported when it is called, so that `lianzai --help` answers in a tenth of a second.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from archive.config import Config
from archive.errors import DiskError, LianzaiError
from archive.home import DISK_ERRORS

# name -> (module that gives `command`, what stands in --help)
VERBS: Final[dict[str, tuple[str, str]]] = {
    "crawl": ("crawler.verbs.crawl", "Crawl series now: what is new or may have changed."),
    "add": ("crawler.verbs.add", "Keep a profile in the home, to be crawled on its schedule."),
    "remove": ("crawler.verbs.remove", "Keep a profile no longer; nothing archived is deleted."),
    "pause": ("crawler.verbs.pause", "No scheduled runs of a series for now."),
    "resume": ("crawler.verbs.resume", "Scheduled runs of a paused series again."),
    "status": ("archive.verbs.status", "Completeness and health of each series."),
    "articles": ("archive.verbs.articles", "The instalments of a series, in its order."),
    "show": ("archive.verbs.show", "One article: every field, its text, where each came from."),
    "diff": ("archive.verbs.diff", "What changed between two revisions, character by character."),
    "history": ("archive.verbs.history", "What happened to a series, each event with its evidence."),
    "search": ("archive.verbs.search", "Full text of all revisions; one Chinese character suffices."),
    "profile": ("crawler.verbs.profile", "Propose a profile for a list of articles, or check one."),
    "verify": ("archive.verbs.verify", "Hash everything that is kept; say what is damaged, and mend it."),
    "rebuild": ("crawler.verbs.rebuild", "Make ledger and text again from the WARCs alone."),
    "export": ("archive.verbs.export", "A series as book, site, table, WACZ or bag."),
    "cite": ("archive.verbs.cite", "A citation of an article, with capture time and record."),
    "import": ("crawler.verbs.import_", "Keep WARCs, ARCs and WACZs made by others, and read them."),
    "upload": ("archive.verbs.upload", "Send what the object store lacks, and read it back."),
    "extract": ("archive.verbs.extract", "The cleaner alone, on saved pages: one JSON line a file."),
    "index": ("archive.verbs.index", "CDXJ of any WARC or ARC, on stdout."),
    "replay": ("archive.verbs.replay", "The pages and the replay of the home, without schedules."),
    "serve": ("crawler.verbs.serve", "The service: crawls on schedule, health and metrics."),
    "notify": ("crawler.verbs.notify", "Send a test notification; tell what is due."),
    "demo": ("crawler.verbs.demo", "Archive a demonstration newspaper on this machine."),
    "doctor": ("archive.verbs.doctor", "Check the environment: disk, clock, home, ledger."),
}
COMPLETION: Final = "_LIANZAI_COMPLETE"


def read_environment(environ: Mapping[str, str]) -> Config:
    """Make the Config of what the environment says; options are laid over it later."""
    return Config(
        home=Path(environ.get("LIANZAI_HOME") or "lianzai-data"),
        database=environ.get("LIANZAI_DATABASE_URL") or None,
        color=not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        log_level=environ.get("LIANZAI_LOG") or None,
        environ=environ,
        next_fire=partial(_next_fire, environ),
        tell_damage=partial(_tell_damage, environ),
        profile_fault=_profile_fault,
    )


def _next_fire(environ: Mapping[str, str], schedule: str, timezone: str | None, after: datetime) -> datetime | None:
    from crawler.profile import next_fire  # only where a series has a schedule

    line, zone = (environ.get(one[4:], "") if one.startswith("env:") else one for one in (schedule, timezone or "UTC"))
    return next_fire(line, zone, after) if line and zone else None


def _tell_damage(environ: Mapping[str, str], home: Path, paths: Sequence[str], is_ledger_whole: bool) -> None:
    from archive.home import Home
    from crawler.notify.telling import tell_damage

    where = Home(home, environ.get("LIANZAI_DATABASE_URL") or None)
    tell_damage(where, environ, paths, is_ledger_whole=is_ledger_whole)


def _profile_fault(text: str, name: str) -> str | None:
    from crawler.profile import fault_of  # only where a home has profiles

    return fault_of(text, name)


# ---------------------------------------------------------------------------------------------------- common options


def _set(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Lay one common option over the Config of this command and those below it."""
    if value and parameter.name:
        context.obj = replace(context.obj, **{parameter.name: value})
    is_verb = not isinstance(context.command, click.Group)
    if parameter.name == "debug" and is_verb and not context.resilient_parsing:
        from archive.logs import set_up  # not for --help, which comes before the options that were not given

        set_up(context.obj.log_level, debug=context.obj.debug)


def common_options() -> list[click.Parameter]:
    """Give --home, --json and --debug, which are taken before and after every command."""
    shared: dict[str, Any] = {"expose_value": False, "callback": _set, "is_eager": True}
    home = click.Path(file_okay=True, path_type=Path)
    return [
        click.Option(
            ["--home"], type=home, metavar="DIR", help="The home (else $LIANZAI_HOME, else ./lianzai-data).", **shared
        ),
        click.Option(["--json"], is_flag=True, help="One JSON document on stdout.", **shared),
        click.Option(["--debug"], is_flag=True, help="Log everything; a traceback where there is a bug.", **shared),
    ]


def with_common_options(command: click.Command) -> click.Command:
    """Give a verb, and the verbs below it, the common options; once, however often it is asked."""
    if not any(parameter.name == "debug" for parameter in command.params):
        command.params.extend(common_options())
        for below in getattr(command, "commands", {}).values():
            with_common_options(below)
    return command


class Verbs(click.Group):
    """The group of all verbs, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the verbs in the order in which a person needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(VERBS[cmd_name][0]).command
        return with_common_options(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write one line a verb from the table, so that help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; offer the nearest where there is none of that name."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            raise click.UsageError(f"no command {name!r}{_nearest(name)}", ctx)
        return super().resolve_command(ctx, args)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, VERBS, n=3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"lianzai {version('lianzai')}")
        context.exit()


CLI: Final = Verbs(
    name="lianzai",
    help="Keeps newspaper series: every instalment as WARC and as cleaned text, watched for new, edited and withdrawn ones.",
    epilog="lianzai COMMAND --help tells more. First steps: lianzai demo",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    params=[
        *common_options(),
        click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
        ),
    ],
)


# ------------------------------------------------------------------------------------------------------------ errors


def _complain(message: str, config: Config) -> None:
    """Write the one line of an error on stderr."""
    from archive.terminal import plain, safe

    line = safe(plain(" ".join(message.split())), sys.stderr.encoding)
    color = config.color and sys.stderr.isatty()
    click.echo(f"{click.style('lianzai:', fg='red') if color else 'lianzai:'} {line}", err=True, color=color)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "lianzai"
    return f"{error.format_message().rstrip('.')}; try: {path} --help"


def _bug(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return (
        f"a bug in lianzai: {type(error).__name__}: {error}{place}; try: the same command with --debug, and report it"
    )


def _damage(config: Config) -> LianzaiError | None:
    from archive.home import Home
    from archive.ledger.damage import damage_of

    return damage_of(Home.of(config))


def _explain(error: Exception, config: Config) -> int:
    """Say on one line what went wrong; give the exit code."""
    if isinstance(error, LianzaiError):
        _complain(str(error), config)
        return error.exit_code
    if isinstance(error, click.ClickException):
        _complain(_usage(error), config)
        return 2
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        _complain(f"{error.filename or 'the disk'}: {error.strerror}; try: lianzai doctor", config)
        return DiskError.exit_code
    if config.debug:
        import traceback

        traceback.print_exception(error)
    damage = _damage(config)
    _complain(_bug(error) if damage is None else str(damage), config)
    return 1 if damage is None else damage.exit_code


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _quiet_pipe() -> None:
    """Let nothing more be written to a reader that has left: it has seen what it wanted."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _invoke(arguments: Sequence[str], config: Config) -> int:
    """Do one command; give the exit code that it ends with. Raises whatever it raises."""
    try:
        with CLI.make_context("lianzai", list(arguments), obj=config) as context:
            CLI.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
    except click.exceptions.Exit as end:
        return end.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def run(arguments: Sequence[str], config: Config) -> int:
    """Do one command; give the exit code. Raises nothing: what went wrong is said on stderr."""
    try:
        code = _invoke(arguments, config)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _quiet_pipe()
        return 0
    except Exception as error:  # noqa: BLE001  the outermost place: whatever it is becomes one line and an exit code
        # The context that heard a --debug or a --home after the command is gone when its error arrives here.
        heard = replace(config, debug=config.debug or "--debug" in arguments, home=_home_in(arguments) or config.home)
        return _explain(error, heard)
    return code


def _home_in(arguments: Sequence[str]) -> Path | None:
    words = [*arguments, ""]
    told = [
        one[7:] or words[at + 1] for at, one in enumerate(arguments) if one == "--home" or one.startswith("--home=")
    ]
    return Path(told[-1]) if told and told[-1] else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Be the console script `lianzai`. arguments: those of the process where not given."""
    arguments = sys.argv[1:] if arguments is None else arguments
    config = read_environment(os.environ)
    instruction = os.environ.get(COMPLETION)
    if instruction:
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(CLI, {"obj": config}, "lianzai", COMPLETION, instruction))
    signal.signal(signal.SIGTERM, _terminated)
    code = run(arguments, config)
    # The interpreter collects once more as it ends: 0.05 s of 0.32 s where sqlalchemy was imported, for nothing.
    gc.freeze()
    sys.exit(code)


def as_service(arguments: Sequence[str]) -> list[str]:
    """Read the arguments of `python scheduler.py`: without a command it is the service (CONTRACT, Set-up)."""
    rest = list(arguments)
    while rest and (rest[0] in ("--json", "--debug") or rest[0].partition("=")[0] == "--home"):
        del rest[: 2 if rest[0] == "--home" else 1]
    is_service = not rest or (rest[0].startswith("-") and rest[0] not in ("-h", "--help", "--version"))
    return ["serve", *arguments] if is_service else list(arguments)


if __name__ == "__main__":
    main(as_service(sys.argv[1:]))
