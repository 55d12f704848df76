"""Where this installation keeps its state, on which ports it runs and which secrets it generated for itself."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent_console.operations import prepare

ROOT = prepare.ROOT


@dataclass(frozen=True)
class Ports:
    """TCP ports on the loopback interface; tests give others so that they can run beside a living desk."""

    desk: int = 8000
    knowledge_base: int = 8100
    shop: int = 8200
    rasa: int = 5005
    actions: int = 5055
    rasa_second: int = 5006

    @classmethod
    def from_environment(cls) -> Ports:
        return cls(
            desk=int(os.environ.get("JIELI_DESK_PORT", cls.desk)),
            knowledge_base=int(os.environ.get("JIELI_KNOWLEDGE_PORT", cls.knowledge_base)),
            shop=int(os.environ.get("JIELI_SHOP_PORT", cls.shop)),
            rasa=int(os.environ.get("JIELI_RASA_PORT", cls.rasa)),
            actions=int(os.environ.get("JIELI_ACTIONS_PORT", cls.actions)),
            rasa_second=int(os.environ.get("JIELI_RASA_SECOND_PORT", cls.rasa_second)),
        )


@dataclass(frozen=True)
class Installation:
    """One Jieli on one machine. `home` holds data, logs, secrets and prepared parts; `ports` are on loopback."""

    home: Path = prepare.HOME
    ports: Ports = field(default_factory=Ports.from_environment)

    @property
    def python(self) -> Path:
        return prepare.VENV / "bin" / "python"

    @property
    def bot_python(self) -> Path:
        return prepare.BOT_VENV / "bin" / "python"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def setup_code_file(self) -> Path:
        return self.data / "setup_code"

    @property
    def desk_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.desk}"

    @property
    def shop_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.shop}"

    @property
    def knowledge_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.knowledge_base}"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.rasa}"

    @property
    def second_bot_url(self) -> str:
        """Where the next bot starts before it takes the place of the one that answers."""
        return f"http://127.0.0.1:{self.ports.rasa_second}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.actions}"

    def generated_secrets(self) -> dict[str, str]:
        """Secrets made once for this machine and kept readable by its owner only."""
        file = self.home / "secrets.env"
        if not file.exists():
            names = ("JIELI_SECRET", "JIELI_SERVICE_TOKEN", "JIELI_SHOP_TOKEN", "JIELI_SHOP_JWT_KEY", "JIELI_BOT_TOKEN")
            self.home.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text("".join(f"{name}={secrets.token_urlsafe(32)}\n" for name in names))
            draft.rename(file)
        pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
        return {name.strip(): value.strip() for name, value in pairs}

    def environment(self) -> dict[str, str]:
        """What every process of this installation finds in its environment; the operator's own settings win."""
        made = self.generated_secrets()
        apps = {
            "demo": {
                "name": "云杉生活",
                "color": "#C2410C",
                "keys": {"demo-1": made["JIELI_SHOP_JWT_KEY"]},
                "allowed_origins": [self.shop_url, self.desk_url],
                "hot_categories": {"product": "售前咨询", "order": "物流配送"},
            }
        }
        ours = {
            **made,
            "JIELI_HOME": str(self.home),
            "JIELI_DESK_PORT": str(self.ports.desk),
            "JIELI_KNOWLEDGE_PORT": str(self.ports.knowledge_base),
            "JIELI_DESK_PUBLIC_URL": self.desk_url,
            "JIELI_BOT_URL": f"{self.bot_url},{self.second_bot_url}",
            "JIELI_ACTIONS_URL": f"{self.actions_url}/webhook",
            "JIELI_KNOWLEDGE_URL": self.knowledge_url,
            "JIELI_SHOP_URL": self.shop_url,
            "JIELI_APPS": json.dumps(apps, ensure_ascii=False),
            "PYTHONUNBUFFERED": "1",
        }
        return {**ours, **{name: value for name, value in os.environ.items() if name.startswith("JIELI_")}} | {
            "JIELI_HOME": str(self.home)
        }

    @contextmanager
    def as_environment(self) -> Iterator[None]:
        """For a moment, this process has the settings that the installation's processes have."""
        before = dict(os.environ)
        os.environ.update(self.environment())
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
