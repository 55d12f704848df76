"""Starts the demo shop: python -m training_data.shop [--host 127.0.0.1] [--port 8200]."""

from __future__ import annotations

import argparse
import signal
import sys

import uvicorn
from pydantic import ValidationError

from training_data.shop.app import create_app
from training_data.shop.settings import Settings

GRACE_SECONDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training_data.shop", description="The demo shop 云杉生活")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8200)
    options = parser.parse_args()
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit("; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors()))
    # uvicorn finishes open requests, then raises the signal again: being told to stop is not a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        create_app(settings),
        host=options.host,
        port=options.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
