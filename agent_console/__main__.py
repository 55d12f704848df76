"""`python -m agent_console` runs one desk until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Iterator

import uvicorn
from pydantic import ValidationError

from agent_console.app import create_app
from agent_console.hang_up import HangingUpProtocol
from agent_console.logs import write_logs
from agent_console.protocol import MOST_SOCKET_BYTES
from agent_console.settings import Settings

STOP_SECONDS = 6
"""Requests under way get this long; uvicorn tells sockets to come back (1012) first."""


class Server(uvicorn.Server):
    """uvicorn that ends with 0 when it was asked to end, instead of raising the signal at itself again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for asked in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(asked, self.handle_exit, asked, None)
        yield


def configuration(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        host=settings.desk_host,
        port=settings.desk_port,
        ws=HangingUpProtocol,
        ws_max_size=MOST_SOCKET_BYTES,
        # Chat lines are short: compressing them costs each socket 30 KB and more time than it saves.
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        forwarded_allow_ips=settings.trusted_proxies,
    )


def collect_seldom() -> None:
    """A turn leaves few cycles behind; looking for them every 700 objects took a seventh of its time."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def main() -> None:
    try:
        settings = Settings()
    except ValidationError as trouble:
        for error in trouble.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in error["loc"])
            sys.stderr.write(f"settings: {place + ': ' if place else ''}{error['msg']}\n")
        raise SystemExit(2) from None
    write_logs(settings.log_level)
    server = Server(configuration(settings))
    collect_seldom()
    server.run()
    if not server.started:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
