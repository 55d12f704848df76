"""Prepares a bare machine for Jieli: environments, model, trained bot and web pages, each made once per input.

Runs on any Python >= 3.11 with nothing installed, so it imports the standard library only. Every step has a key, the
hash of what it is made from; a step whose key is already stamped is skipped, and one that was interrupted has no stamp
and is made again. `python prepare.py` prepares everything, `python prepare.py main-environment …` only what is named.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("JIELI_HOME", ROOT / ".jieli")).resolve()
VENV = HOME / "venv"
BOT_VENV = HOME / "bot-venv"
MODELS = HOME / "models"
BOT_MODELS = HOME / "bot-models"
WEB = ROOT / "agent_console" / "web"
LOGS = HOME / "logs"


class StepFailed(Exception):
    """A step's command ended with an error; its log says why."""


@dataclass(frozen=True)
class Step:
    """One thing to prepare: `inputs` (files, folders, plain strings) decide when it has to be made again.

    `made` is what must exist afterwards; `is_there` replaces both for things that the machine may bring along.
    """

    name: str
    title: str
    inputs: Sequence[Path | str]
    make: Callable[[], None]
    after: tuple[str, ...] = ()
    made: Path | None = None
    is_there: Callable[[], bool] | None = None


def key_of(inputs: Iterable[Path | str]) -> str:
    """Hash of file contents and strings; build outputs and caches below a folder do not count."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "dist", "__pycache__", ".pytest_cache"}
    for item in inputs:
        if isinstance(item, str):
            digest.update(item.encode() + b"\0")
            continue
        files = sorted(p for p in item.rglob("*") if p.is_file()) if item.is_dir() else [item]
        for file in files:
            if skipped.isdisjoint(file.relative_to(ROOT).parts) and file.exists():
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def stamp_of(name: str) -> Path:
    return HOME / "stamps" / name


def run(name: str, command: Sequence[str | Path], cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run one command of a step with its output in the step's log, so that parallel steps do not mix on screen."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"prepare-{name}.log"
    words = [str(word) for word in command]
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(words)}\n".encode())
        output.flush()
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        tail = log.read_text(errors="replace").splitlines()[-25:]
        raise StepFailed(f"{name}: exit {done.returncode}, full log in {log}\n" + "\n".join(tail))


def find_links(python: Path) -> list[str]:
    """pip's own extra wheel folders, which uv does not read: on some machines the CPU build of torch lies there."""
    configured = os.environ.get("PIP_FIND_LINKS", "")
    if not configured:
        asked = subprocess.run(
            [python, "-m", "pip", "config", "get", "global.find-links"], capture_output=True, text=True, check=False
        )
        configured = asked.stdout if asked.returncode == 0 else ""
    return [word for place in configured.split() for word in ("--find-links", place)]


def install(name: str, uv: Path, python: Path, lock: Path) -> None:
    """Install a lock file. JIELI_TORCH_INDEX names an index of CPU wheels where pip's settings hold none."""
    extra = find_links(VENV / "bin" / "python")
    if os.environ.get("JIELI_TORCH_INDEX"):
        extra += ["--extra-index-url", os.environ["JIELI_TORCH_INDEX"], "--index-strategy", "unsafe-best-match"]
    run(name, [uv, "pip", "install", "--python", python, "-r", lock, *extra], env={"UV_HTTP_TIMEOUT": "180"})


def is_same_python(venv: Path) -> bool:
    """Whether the environment was made by this Python: then it is brought up to date instead of made anew."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    told = subprocess.run([python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False)
    return told.stdout.strip() == sys.version


def make_main_environment() -> None:
    name = "main-environment"
    if not is_same_python(VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        run(name, [sys.executable, "-m", "venv", VENV])
    python = VENV / "bin" / "python"
    run(name, [python, "-m", "pip", "install", "--quiet", "uv"])
    install(name, VENV / "bin" / "uv", python, ROOT / "requirements.lock")
    run(name, [VENV / "bin" / "uv", "pip", "install", "--python", python, "--no-deps", "-e", ROOT])


def python_3_10() -> str:
    """A Python 3.10 for Rasa: from pyenv if it is there, else whichever uv finds or fetches."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(pyenv.glob("3.10.*/bin/python3.10"))
    return str(found[-1]) if found else "3.10"


def make_bot_environment() -> None:
    shutil.rmtree(BOT_VENV, ignore_errors=True)
    name = "bot-environment"
    uv = VENV / "bin" / "uv"
    run(name, [uv, "venv", "--python", python_3_10(), "--clear", BOT_VENV])
    install(name, uv, BOT_VENV / "bin" / "python", ROOT / "bot" / "requirements.lock")


def make_model() -> None:
    run("model", [VENV / "bin" / "python", "-m", "knowledge_base", "prepare-model", "--into", MODELS])


def make_bot() -> None:
    run("bot", [VENV / "bin" / "jieli", "bot", "train"])


def make_web() -> None:
    tools = {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = VENV / "bin" / "npm"
    run("web", [npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=tools)
    run("web", [npm, "run", "build"], cwd=WEB, env=tools)


def make_browser() -> None:
    """Chromium and a Chinese font for the browser tests, from Debian's packages."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise StepFailed("browser: install Chromium and a CJK font (Debian: chromium, fonts-noto-cjk), then try again")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("browser", ["apt-get", "update"], env=quiet)
    run("browser", ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"], env=quiet)


def browser_is_there() -> bool:
    if shutil.which("chromium") is None or shutil.which("fc-list") is None:
        return False
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


KNOWLEDGE = ROOT / "knowledge_base"

STEPS = (
    Step(
        "main-environment",
        "Python packages (desk, knowledge base)",
        [ROOT / "requirements.lock", ROOT / "pyproject.toml", sys.version, str(VENV)],
        make_main_environment,
        made=VENV / "bin" / "jieli",
    ),
    Step(
        "bot-environment",
        "Python 3.10 and Rasa",
        [ROOT / "bot" / "requirements.lock", str(BOT_VENV)],
        make_bot_environment,
        ("main-environment",),
        BOT_VENV / "bin" / "rasa",
    ),
    Step(
        "model",
        "Embedding model",
        [KNOWLEDGE / "model", ROOT / "requirements.lock"],
        make_model,
        ("main-environment",),
        MODELS / "default" / "model.onnx",
    ),
    Step(
        "web",
        "Console and chat widget",
        [WEB],
        make_web,
        ("main-environment",),
        WEB / "console" / "dist" / "index.html",
    ),
    Step(
        "bot",
        "Bot training",
        [ROOT / "bot", ROOT / "training_data" / "dialogue", ROOT / "training_data" / "faq", KNOWLEDGE / "model"],
        make_bot,
        ("bot-environment", "model"),
        BOT_MODELS,
    ),
    Step("browser", "Chromium and a Chinese font (for tests)", [], make_browser, is_there=browser_is_there),
)

FOR_TESTS_ONLY = {"browser"}


def is_made(step: Step) -> bool:
    if step.is_there is not None:
        return step.is_there()
    stamp = stamp_of(step.name)
    there = step.made is None or step.made.exists()
    return there and stamp.exists() and stamp.read_text() == key_of(step.inputs)


def say(text: str) -> None:
    print(text, flush=True)


def make_one(step: Step) -> None:
    started = time.monotonic()
    say(f"… {step.title}")
    key = key_of(step.inputs)
    (LOGS / f"prepare-{step.name}.log").unlink(missing_ok=True)
    step.make()
    stamp_of(step.name).parent.mkdir(parents=True, exist_ok=True)
    stamp_of(step.name).write_text(key)
    say(f"✓ {step.title} ({time.monotonic() - started:.0f} s)")


def prepare(names: Sequence[str]) -> None:
    """Make what is missing, independent steps side by side. Raises StepFailed with the log's end."""
    wanted = set(names) or {step.name for step in STEPS} - FOR_TESTS_ONLY
    for step in reversed(STEPS):
        if step.name in wanted:
            wanted.update(step.after)
    finished = {step.name: threading.Event() for step in STEPS}
    failures: list[BaseException] = []

    def follow(step: Step) -> None:
        for name in step.after:
            finished[name].wait()
        try:
            if not failures and not is_made(step):
                make_one(step)
        except BaseException as failure:
            failures.append(failure)
        finally:
            finished[step.name].set()

    for step in STEPS:
        if step.name not in wanted:
            finished[step.name].set()
    threads = [threading.Thread(target=follow, args=(step,), daemon=True) for step in STEPS if step.name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
    if failures:
        raise failures[0]


def main() -> int:
    known = {step.name for step in STEPS}
    unknown = [name for name in sys.argv[1:] if name not in known]
    if unknown:
        say(f"unknown step {unknown[0]!r}; steps are: {', '.join(step.name for step in STEPS)}")
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before any environment exists
        say(f"Jieli needs Python 3.11 or newer, this is {sys.version.split()[0]}")
        return 2
    try:
        prepare(sys.argv[1:])
    except StepFailed as failure:
        say(f"✗ {failure}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; what was finished is kept")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
