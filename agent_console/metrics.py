"""What a monitoring system reads at /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "jieli_desk_request_seconds",
    "Time from request to answer.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SOCKETS = Gauge("jieli_desk_sockets", "Open sockets.", ("reader",))
SOCKETS_CLOSED = Counter("jieli_desk_sockets_closed", "Sockets that the desk closed.", ("code",))
FRAMES_REFUSED = Counter("jieli_desk_frames_refused", "Socket frames that were refused.", ("code",))
LOOP_LAG = Gauge("jieli_desk_loop_lag_seconds", "How late the event loop was at the last beat.")
