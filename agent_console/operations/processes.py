"""The processes of one installation, kept alive by supervisord: what is started, and when it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from xmlrpc.client import Fault, ServerProxy

import httpx
from supervisor.xmlrpc import SupervisorTransport

from agent_console.operations.installation import ROOT, Installation

READY_SECONDS = 180
"""How long a start may take: Rasa alone loads TensorFlow and its model in 20 to 40 s on two busy cores."""

STOP_SECONDS = 12
"""Time for a clean end before supervisord kills; sockets are told to come back within it."""


class NotReady(Exception):
    """A process did not become ready in time, or its port is taken."""


@dataclass(frozen=True)
class Process:
    """One supervised process; it is ready when `ready_url` answers below 400."""

    name: str
    title: str
    command: tuple[str, ...]
    port: int
    ready_url: str
    stands_by: bool = False
    """Not started with the others: `jieli bot switch` starts it to take another's place."""


def processes(here: Installation, *, demo: bool = True) -> list[Process]:
    """Everything that runs on one machine, in the order of starting."""
    python, bot = str(here.python), str(here.bot_python)
    shop = Process(
        "shop",
        "Demo shop",
        (python, "-m", "training_data.shop", "--port", str(here.ports.shop)),
        here.ports.shop,
        f"{here.shop_url}/healthz",
    )
    serving = str(ROOT / "bot" / "serve.py")
    rasa, second = (
        Process(
            name,
            "Rasa server",
            (bot, serving, "server", "--port", str(port)),
            port,
            f"{url}/webhooks/jieli/health",
            stands_by,
        )
        for name, port, url, stands_by in (
            ("rasa", here.ports.rasa, here.bot_url, False),
            ("rasa_second", here.ports.rasa_second, here.second_bot_url, True),
        )
    )
    parts = [
        rasa,
        second,
        Process(
            "actions",
            "Rasa action server",
            (bot, serving, "actions", "--port", str(here.ports.actions)),
            here.ports.actions,
            f"{here.actions_url}/health",
        ),
        Process(
            "knowledge_base",
            "Knowledge base",
            (python, "-m", "knowledge_base", "serve", "--port", str(here.ports.knowledge_base)),
            here.ports.knowledge_base,
            f"{here.knowledge_url}/healthz",
        ),
        Process(
            "desk",
            "Desk (console and chat)",
            (python, "-m", "agent_console"),
            here.ports.desk,
            f"{here.desk_url}/healthz",
        ),
    ]
    return [shop, *parts] if demo else parts


def is_taken(port: int) -> bool:
    with socket(AF_INET, SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _configuration(here: Installation, parts: Iterable[Process]) -> str:
    run = here.home / "run"
    lines = [
        "[unix_http_server]",
        f"file={run / 'supervisor.sock'}",
        "chmod=0700",
        "[supervisord]",
        f"logfile={here.logs / 'supervisord.log'}",
        f"pidfile={run / 'supervisord.pid'}",
        f"directory={ROOT}",
        "nodaemon=true",
        "minfds=4096",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for number, part in enumerate(parts):
        lines += [
            f"[program:{part.name}]",
            f"command={' '.join(part.command)}",
            f"priority={number}",
            f"autostart={'false' if part.stands_by else 'true'}",
            "autorestart=true",
            "startsecs=1",
            "startretries=1000000",
            f"stopwaitsecs={STOP_SECONDS}",
            "stopasgroup=false",
            "killasgroup=true",
            "redirect_stderr=true",
            f"stdout_logfile={here.logs / (part.name + '.log')}",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=5",
        ]
    return "\n".join(lines) + "\n"


class Control:
    """Speaks to the supervisord of an installation, whoever started it."""

    def __init__(self, here: Installation) -> None:
        self.here = here

    @contextmanager
    def _asking(self) -> Iterator[ServerProxy]:
        socket_file = self.here.home / "run" / "supervisor.sock"
        transport = SupervisorTransport(None, None, f"unix://{socket_file}")
        try:
            yield ServerProxy("http://127.0.0.1", transport=transport)
        finally:
            transport.close()

    def pid_of(self, name: str) -> int:
        """Process id of a part, 0 while it is being restarted."""
        with self._asking() as proxy:
            return int(proxy.supervisor.getProcessInfo(name)["pid"])  # type: ignore[call-overload, index]

    def stop_part(self, name: str) -> None:
        with self._asking() as proxy:
            proxy.supervisor.stopProcess(name)

    def start_part(self, name: str) -> None:
        with self._asking() as proxy, suppress(Fault):
            proxy.supervisor.startProcess(name)

    def is_ready(self, part: Process) -> bool:
        try:
            return httpx.get(part.ready_url, timeout=2).status_code < 400
        except httpx.HTTPError:
            return False

    def is_there(self) -> bool:
        try:
            with self._asking() as proxy:
                return bool(proxy.supervisor.getState())
        except OSError:
            return False


class Supervisor(Control):
    """A running supervisord of ours and its children."""

    def __init__(self, here: Installation, parts: list[Process], daemon: subprocess.Popen[bytes]) -> None:
        super().__init__(here)
        self.parts = parts
        self.daemon = daemon

    def until_ready(self, seconds: float = READY_SECONDS) -> Iterator[tuple[Process, float]]:
        """Yield each part with its seconds as it becomes ready. Raises NotReady when one does not."""
        started = time.monotonic()
        waiting = list(self.parts)
        while waiting:
            if self.daemon.poll() is not None:
                raise NotReady(f"supervisord ended, see {self.here.logs / 'supervisord.log'}")
            for part in list(waiting):
                if self.is_ready(part):
                    waiting.remove(part)
                    yield part, time.monotonic() - started
            if time.monotonic() - started > seconds:
                names = ", ".join(f"{part.title} ({self.here.logs / part.name}.log)" for part in waiting)
                raise NotReady(f"not ready after {seconds:.0f} s: {names}")
            time.sleep(0.15)

    def stop(self) -> None:
        """End everything cleanly: children first, then supervisord."""
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(STOP_SECONDS + 5)
            except subprocess.TimeoutExpired:
                self.daemon.kill()


def _end_with_parent() -> None:
    """On Linux, have the kernel end supervisord when the command that started it is gone, even by kill -9."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    os.setpgid(0, 0)


@contextmanager
def running(here: Installation, *, demo: bool = True) -> Iterator[Supervisor]:
    """Start all processes under supervisord and end them on the way out."""
    parts = processes(here, demo=demo)
    taken = [f"{part.port} ({part.title})" for part in parts if is_taken(part.port)]
    if taken:
        raise NotReady(f"port in use: {', '.join(taken)}. Stop what runs there or set JIELI_…_PORT.")
    for folder in (here.data, here.logs, here.home / "run"):
        folder.mkdir(parents=True, exist_ok=True)
    configuration = here.home / "run" / "supervisord.conf"
    configuration.write_text(_configuration(here, parts))
    with (here.logs / "supervisord.err").open("ab") as errors:
        daemon = subprocess.Popen(
            [here.python, "-W", "ignore", "-m", "supervisor.supervisord", "-c", configuration],
            cwd=ROOT,
            env={**os.environ, **here.environment()},
            stdout=subprocess.DEVNULL,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads are running yet
        )
    supervisor = Supervisor(here, [part for part in parts if not part.stands_by], daemon)
    try:
        yield supervisor
    finally:
        supervisor.stop()


def memory_mb(pid: int) -> float:
    """Resident memory of one process in MB, 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)
