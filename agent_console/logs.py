"""One JSON line per thing that happened, for the person on call: event, ids, durations, never what somebody wrote."""

from __future__ import annotations

import logging
import sys

import structlog


def write_logs(level: str) -> None:
    """Send our events and those of the libraries to standard output as JSON, Chinese left readable."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Their lines carry addresses with one-use tickets and search words; our own lines say the same without them.
    for noisy in ("httpx", "httpcore", "uvicorn.access", "uvicorn.error", "aiosqlite", "websockets", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
