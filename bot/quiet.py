"""Keeps Rasa and TensorFlow quiet: settings before they are imported, and logs without what customers wrote."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any

LOCK_SECONDS = 600
"""Life of a conversation's lock, far above a turn's deadline: an expired one lets two turns run side by side."""

_DEFAULTS = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TICKET_LOCK_LIFETIME": str(LOCK_SECONDS),
    # Training results are cached by ourselves; Rasa's cache would not notice another embedding model.
    "RASA_MAX_CACHE_SIZE": "0",
    # DEBUG would write every customer's words into the log.
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "CUDA_VISIBLE_DEVICES": "",
}


def before_rasa() -> None:
    """An operator's own settings win, except for telemetry."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
        warnings.filterwarnings("ignore", category=category)


def _name_only(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """Rasa's structured events carry the text, the slots or the tracker beside their name."""
    return f"rasa {method} {event.get('event', '?')}"


def quiet_logs() -> None:
    """Our own events at INFO, libraries from WARNING on, on standard output."""
    import structlog

    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout, force=True
    )
    logging.getLogger("bot").setLevel(logging.INFO)
    for name in ("jieba", "rasa.shared.utils.io"):
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[_name_only],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=False,
    )
