"""The command line: every main action without a window, and the window itself."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stopdesk import __version__
from stopdesk.errors import InputError, InvalidParameters, StopdeskError

Handler = Callable[[argparse.Namespace], int]
_log = logging.getLogger(__name__)

EXIT_CODES = "Exit codes: 0 done, 2 bad input, 3 job in ERROR, 4 aborted, 5 network or server, 6 job gone."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is a sentence on stderr and an exit code, the traceback goes to the log."""
    words = list(sys.argv[1:] if argv is None else argv)
    _have_streams()
    try:
        code = _dispatch(words)
        sys.stdout.flush()
        return code
    except InvalidParameters as error:
        for problem in error.problems:
            where = f"{', '.join(problem.parameters)}: " if problem.parameters else ""
            print(f"stopdesk: {where}{problem.text}", file=sys.stderr)
        return error.exit_code
    except StopdeskError as error:
        _log.info("command failed", exc_info=error)
        print(f"stopdesk: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopdesk: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has had enough; what is left in the buffer must not fail at the exit
        _drop_output()
        return 0
    except OSError as error:
        if error.filename is not None:
            raise
        _drop_output()
        print(f"stopdesk: the output cannot be written ({error.strerror or error}).", file=sys.stderr)
        return InputError.exit_code


def _have_streams() -> None:
    """Have somewhere to write to where a stream was closed before we began."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end


def _drop_output() -> None:
    """Let go what waits to be printed, so that the exit does not try again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(words: list[str]) -> int:
    if not words or (words[0] not in _COMMANDS and not words[0].startswith("-")):
        return _window(words)
    if words[0] in _PASSED_ON:
        return _PASSED_ON[words[0]](words[1:])
    arguments = build_parser().parse_args(words)
    from stopdesk import log

    log.start()
    return int(arguments.handler(arguments))


def _window(words: Sequence[str]) -> int:
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform == "linux" and not has_display:
        raise InputError(
            "There is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set). "
            "Without one, use the commands (stopdesk --help) or: QT_QPA_PLATFORM=offscreen stopdesk demo"
        )
    from stopdesk.app import run_window

    return run_window(words)


def _demo(arguments: argparse.Namespace) -> int:
    from stopdesk.app import run_demo

    return run_demo(arguments.out)


def _serve(words: list[str]) -> int:
    from stopdesk.uws.service.serve import main as serve

    return serve(words)


def _engine(words: list[str]) -> int:
    from stopdesk.engines.command import main as engine

    return engine(words)


def _models(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.models import show

    return show(arguments.name, as_json=arguments.json)


def _run(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.run import run

    return run(
        arguments.model,
        arguments.parameter,
        arguments.file,
        service=arguments.service,
        user=arguments.user,
        out=arguments.out,
        timeout=arguments.timeout,
        as_json=arguments.json,
    )


def _submit(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.run import submit

    return submit(
        arguments.url,
        arguments.parameter,
        arguments.file,
        user=arguments.user,
        out=arguments.out,
        timeout=arguments.timeout,
        as_json=arguments.json,
    )


def _jobs(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.jobs import show_list

    return show_list(arguments.url, arguments.phase, arguments.last, user=arguments.user, as_json=arguments.json)


def _job(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.jobs import act

    return act(arguments.url, arguments.action, user=arguments.user, out=arguments.out, as_json=arguments.json)


def _resolve(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.observe import resolve

    return resolve(arguments.name, service=arguments.service, again=arguments.again, as_json=arguments.json)


def _search(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.observe import search

    return search(
        arguments.service,
        arguments.protocol,
        (arguments.ra, arguments.dec, arguments.radius),
        adql=arguments.adql,
        max_rows=arguments.max_rows,
        run_async=arguments.run_async,
        timeout=arguments.timeout,
        user=arguments.user,
        out=arguments.out,
        as_json=arguments.json,
    )


def _session(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.session import show

    return show(arguments.file, as_json=arguments.json)


def _convert(arguments: argparse.Namespace) -> int:
    from stopdesk.commands.convert import run

    return run(
        arguments.source,
        arguments.target,
        source_format=arguments.source_format,
        target_format=arguments.target_format,
        serialization=arguments.serialization,
        table=arguments.table,
        overwrite=arguments.overwrite,
        as_json=arguments.json,
    )


def _samp(arguments: argparse.Namespace) -> int:
    from stopdesk.commands import samp

    if arguments.verb == "hub":
        return samp.hub()
    if arguments.verb == "clients":
        return samp.clients(as_json=arguments.json)
    return samp.send(arguments.file, to=arguments.to, timeout=arguments.timeout, as_json=arguments.json)


#: Commands that read their own arguments.
_PASSED_ON: dict[str, Callable[[list[str]], int]] = {"serve": _serve, "engine": _engine}
_RUNNING = ("demo", "serve", "engine", "models", "run", "submit", "jobs", "job")
_COMMANDS = (*_RUNNING, "resolve", "search", "session", "convert", "samp")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="stopdesk",
        description="Model molecular lines, run the models on UWS services and compare them with observations. "
        "Without a command, the window opens with the session FILEs given.",
        usage="stopdesk [FILE ...] | stopdesk COMMAND ...",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"stopdesk {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="stopdesk")

    def command(name: str, handler: Handler, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, epilog=EXIT_CODES)
        made.set_defaults(handler=handler)
        return made

    demo = command("demo", _demo, "Go through the main job by itself; leave pictures, tables and the session.")
    demo.add_argument("--out", metavar="DIR", default="demo", help="where they go (default: demo)")
    for name, text in (("serve", "Run the local UWS service."), ("engine", "Compute one model without any service.")):
        command(name, lambda _: 0, f"{text} See: stopdesk {name} --help")

    models = command("models", _models, "List the models, or show the parameters of one.")
    models.add_argument("name", nargs="?", metavar="NAME")
    _json(models)

    run = command("run", _run, "Run one of our models on the local or another service, and fetch its results.")
    run.add_argument("model", metavar="MODEL", help="lte or lvg")
    _request(run)
    run.add_argument("--service", metavar="LISTURL", help="job list of a UWS service (default: the local one)")

    submit = command("submit", _submit, "Send a job to any UWS service, wait for it and fetch its results.")
    submit.add_argument("url", metavar="LISTURL", help="the service's job list")
    _request(submit)

    jobs = command("jobs", _jobs, "List the jobs of a service.")
    jobs.add_argument("url", metavar="LISTURL", help="the service's job list")
    jobs.add_argument("--phase", metavar="P", action="append", default=[], help="only this phase; may be repeated")
    jobs.add_argument("--last", metavar="N", type=int, help="only the N newest")
    _user(jobs)
    _json(jobs)

    job = command("job", _job, "Look at one job, start, abort or delete it, or fetch its results.")
    job.add_argument("url", metavar="JOBURL")
    job.add_argument("action", choices=("show", "run", "abort", "delete", "results"))
    job.add_argument("--out", metavar="DIR", default=".", help="where results go (default: here)")
    _user(job)
    _json(job)

    _names(command("resolve", _resolve, "Find the positions of sources by name."))
    _portal(command("search", _search, "Search a portal for observations around a position."))

    session = command("session", _session, "Show what a session file holds.")
    session.add_argument("verb", choices=("show",))
    session.add_argument("file", metavar="FILE")
    _json(session)

    _conversion(
        command("convert", _convert, "Convert a table between formats, and say what the new format does not keep.")
    )
    _other_programs(command("samp", _samp, "Other programs over SAMP: who is there, send a file, run a hub."))
    return parser


def _other_programs(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="what", dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, epilog=EXIT_CODES)

    _json(verb("clients", "List the programs that are there, what they take, and whether they answer."))
    send = verb("send", "Send a table, spectrum or image to other programs, and wait for their answers.")
    send.add_argument("file", metavar="FILE", help="VOTable, FITS, ECSV, CSV or Parquet; what it is is looked at")
    send.add_argument("--to", metavar="NAME", help="only to programs of this name (default: to all that take it)")
    send.add_argument(
        "--timeout", metavar="S", type=float, default=60.0, help="wait S seconds for answers (default: 60)"
    )
    _json(send)
    verb("hub", "Run a hub until Ctrl-C or SIGTERM.")


def _conversion(parser: argparse.ArgumentParser) -> None:
    formats = ("votable", "fits", "ecsv", "csv", "parquet")
    parser.add_argument("source", metavar="IN", help="a file, or - for the standard input; may be gzipped")
    parser.add_argument("target", metavar="OUT", help="a file, or - for the standard output; NAME.gz is gzipped")
    parser.add_argument("--from", dest="source_format", choices=formats, help="default: by the ending, or the content")
    parser.add_argument("--to", dest="target_format", choices=formats, help="default: by the ending")
    parser.add_argument(
        "--serialization",
        choices=("binary2", "binary", "tabledata"),
        default="binary2",
        help="how rows stand in a VOTable (default: binary2)",
    )
    parser.add_argument(
        "--table", metavar="NAME|N", help="which table of IN, by name or number from 0 (default: the first)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")
    _json(parser)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user",
        metavar="NAME",
        help="log in as NAME; the password comes from the keyring, from STOPDESK_PASSWORD or a prompt",
    )


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="+", metavar="NAME", help="a name, or a position in any notation")
    parser.add_argument("--service", metavar="URL", help="the resolver (default: those of the list of services)")
    parser.add_argument("--again", action="store_true", help="ask for what is known from before, too")
    _json(parser)


def _portal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--service", metavar="URL", required=True)
    parser.add_argument(
        "--protocol", choices=("scs", "ssa", "sia", "sia2", "obstap", "obsportal", "tap"), required=True
    )
    parser.add_argument("--ra", metavar="D", type=float, required=True, help="right ascension in degrees (ICRS)")
    parser.add_argument("--dec", metavar="D", type=float, required=True, help="declination in degrees (ICRS)")
    parser.add_argument("--radius", metavar="D", type=float, required=True, help="in degrees")
    parser.add_argument("--max-rows", metavar="N", type=int, help="ask for and read at most N rows")
    parser.add_argument("--adql", metavar="QUERY", help="this query in place of the one around the position (TAP)")
    parser.add_argument("--async", dest="run_async", action="store_true", help="ask by a job (TAP)")
    parser.add_argument("--timeout", metavar="S", type=float, help="give up after S seconds (default: 600)")
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="write the rows to FILE instead of printing them, in the format that its ending says, else as VOTable; "
        "- is the standard output",
    )
    _user(parser)
    _json(parser)


def _request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-p",
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an axis is min:max:n or min:max:n:log",
    )
    parser.add_argument("--file", metavar="NAME=PATH", action="append", default=[], help="a file to upload")
    parser.add_argument("--out", metavar="DIR", help="where results go (default: a new folder named after the job)")
    parser.add_argument("--timeout", metavar="S", type=float, help="give up waiting after S seconds; the job goes on")
    _user(parser)
    _json(parser)
