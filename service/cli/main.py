"""`tetsuzuki`: the group of all commands. Exit status 0, 1 (refused, with the reason on standard error) or 2 (wrong
use)."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import click
from pydantic import ValidationError

from service.cli import guide, new_city, serve, staff, transfer
from service.cli.database import tell
from service.errors import GuideError, InvalidContent
from service.store.space import FULL

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def tetsuzuki() -> None:
    """手続きの案内を動かします。"""


for _command in (
    serve.serve,
    serve.staff_link,
    serve.staff_account,
    serve.doctor,
    serve.rescue,
    transfer.import_,
    transfer.export,
    new_city.new_city,
    guide.guide,
    *staff.COMMANDS,
):
    tetsuzuki.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status. A reader that closes the pipe ends a command quietly."""
    for signal_number in STOPPING:
        signal.signal(signal_number, _stop)
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # What is still in the buffer has no reader: without this the interpreter complains when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.UsageError as error:
        return _complain(_usage(error), status=2)
    except ValidationError as error:
        return _complain(_wrong_settings(error), status=2)
    except InvalidContent as error:
        return _complain("\n".join([error.message, *map(str, error.problems)]), status=1)
    except GuideError as error:
        field_in_brackets = f"（{error.where}）" if error.where else ""
        return _complain(f"{error.message}{field_in_brackets}", status=1)
    except OSError as error:
        if error.errno not in FULL:
            raise
        return _complain("ディスクの空きがありません。空けてから、もう一度実行してください。", status=1)
    except (KeyboardInterrupt, EOFError, click.Abort):
        return _complain("中断しました。", status=1)


def _run(arguments: Sequence[str]) -> int:
    """The exit status of the command; its errors are the caller's, a closed pipe too."""
    try:
        with tetsuzuki.make_context("tetsuzuki", list(arguments)) as context:
            status = tetsuzuki.invoke(context)
            return status if isinstance(status, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """Ends what runs, once: a second signal does not disturb the stopping."""
    for stopping_signal in STOPPING:
        signal.signal(stopping_signal, signal.SIG_IGN)
    raise serve.Stopped


def _complain(text: str, *, status: int) -> int:
    tell(text)
    return status


def _usage(error: click.UsageError) -> str:
    """What is wrong with the arguments, and how the command is used."""
    context = error.ctx
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return str(error.message)
    words = _usage_words(error)
    if context is None:
        return words
    return f"{context.get_usage()}\n{words}\n{context.command_path} --help で使い方を表示します。"


def _usage_words(error: click.UsageError) -> str:
    """click's messages in Japanese; those of our own are Japanese already."""
    if isinstance(error, click.NoSuchCommand):
        return f"「{error.command_name}」というコマンドはありません。{_near(error.possibilities)}"
    if isinstance(error, click.NoSuchOption):
        return f"「{error.option_name}」という指定はありません。{_near(error.possibilities)}"
    if isinstance(error, click.MissingParameter):
        return f"{_parameter_name(error)} が必要です。"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_parameter_name(error)}：{error.message}"
    return error.format_message()


def _parameter_name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Argument) and error.ctx is not None:
        return parameter.make_metavar(error.ctx)
    return parameter.opts[0] if parameter is not None else ""


def _near(names: Sequence[str] | None) -> str:
    return f"近いもの：{'、'.join(names)}" if names else ""


def _wrong_settings(error: ValidationError) -> str:
    """The settings that cannot be used, by the names that were typed; never their values."""
    lines = (
        f"  TETSUZUKI_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}" for problem in error.errors()
    )
    return "\n".join(["設定に誤りがあります。", *lines])
