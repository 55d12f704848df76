"""Starts the Rasa server or its action server: `python bot/serve.py server|actions [--port N]`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# As a script, Python puts bot/ itself in front, where our `text.py` and the like would shadow other modules.
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "bot")]

from bot.quiet import before_rasa, quiet_logs  # noqa: E402

before_rasa()

from bot.settings import BadSettings, Settings  # noqa: E402

HOST = "127.0.0.1"
COLLECT_AFTER = (50_000, 50, 50)
"""A turn leaves few cycles behind; Python's 700 objects make it look for them many times a turn."""


def newest_model(settings: Settings) -> Path:
    """The model for what lies here now. Exits with what to do when there is none."""
    from bot.training import model_path

    path = model_path(settings)
    if not path.exists():
        sys.exit(f"no trained bot at {path}: run `jieli bot train`")
    return path


def serve_turns(settings: Settings, port: int, model: Path) -> None:
    import rasa

    rasa.run(
        model=str(model),
        endpoints=str(ROOT / "bot" / "endpoints.yml"),
        credentials=str(ROOT / "bot" / "credentials.yml"),
        interface=HOST,
        port=port,
        enable_api=False,
        cors=[],
        use_syslog=False,
    )


def serve_actions(port: int) -> None:
    from rasa_sdk.endpoint import create_app

    app = create_app("bot.actions", cors_origins=[])
    app.config.ACCESS_LOG = False
    app.run(HOST, port, workers=1, access_log=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    server = kinds.add_parser("server", help="understands and answers turns")
    server.add_argument("--port", type=int, default=5005)
    server.add_argument("--model", type=Path, help="default: the one trained from what lies here")
    actions = kinds.add_parser("actions", help="carries out errands")
    actions.add_argument("--port", type=int, default=5055)
    arguments = parser.parse_args()
    try:
        settings = Settings.from_environment()
    except BadSettings as error:
        sys.exit(str(error))
    os.environ["JIELI_ACTIONS_URL"] = settings.actions_url
    os.chdir(ROOT)
    quiet_logs()
    gc.set_threshold(*COLLECT_AFTER)
    if arguments.kind == "server":
        serve_turns(settings, arguments.port, arguments.model or newest_model(settings))
    else:
        serve_actions(arguments.port)


if __name__ == "__main__":
    main()
