"""What the person who runs Jieli relies on: secrets, accounts, checks and steps that are made once."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from agent_console.operations import doctor, people, prepare
from agent_console.operations.installation import Installation, Ports
from agent_console.operations.processes import NotReady, processes, running
from tests.stand_ins import LittleServer

NOWHERE = Ports(desk=1, knowledge_base=1, shop=1, rasa=1, actions=1, rasa_second=1)


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = Installation(tmp_path, NOWHERE).generated_secrets()

    again = Installation(tmp_path, NOWHERE).generated_secrets()

    assert again == first
    assert all(len(secret) >= 32 for secret in first.values())
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


async def test_a_person_added_from_the_command_line_is_not_added_twice(tmp_path: Path) -> None:
    here = Installation(tmp_path, NOWHERE)
    person = people.Person("xiaolin", "晓琳", ("agent",), ("订单物流",))

    made = await people.add_missing(here, [person], {"xiaolin": "a-long-enough-password"})
    again = await people.add_missing(here, [person], {"xiaolin": "a-long-enough-password"})

    assert (made, again) == (1, 0)
    with pytest.raises(people.NotAdded, match="已存在"):
        await people.add_person(here, person, "a-long-enough-password")


async def test_a_password_that_is_too_short_is_refused_with_the_rule(tmp_path: Path) -> None:
    person = people.Person("ajie", "阿杰", ("agent",), ())

    with pytest.raises(people.NotAdded, match="密码"):
        await people.add_person(Installation(tmp_path, NOWHERE), person, "short")


def test_demo_passwords_stay_the_same_and_differ_between_people(tmp_path: Path) -> None:
    here = Installation(tmp_path, NOWHERE)

    first = people.demo_passwords(here, ["xiaolin", "ajie"])
    again = people.demo_passwords(here, ["xiaolin", "ajie", "ruoxi"])

    assert first["xiaolin"] != first["ajie"]
    assert {login: again[login] for login in first} == first
    assert stat.S_IMODE(people.demo_passwords_file(here).stat().st_mode) == 0o600


def test_doctor_names_every_process_that_is_away_and_how_to_mend_it(tmp_path: Path) -> None:
    here = Installation(tmp_path, NOWHERE)

    findings = {finding.part: finding for finding in doctor.examine(here)}

    for part in processes(here):
        assert not findings[part.title].is_well
        assert "make run" in findings[part.title].mend


async def test_doctor_is_content_with_a_bot_in_its_second_place(tmp_path: Path) -> None:
    async with LittleServer(lambda _: (200, {"ready": True})) as bot:
        port = int(bot.url.rsplit(":", 1)[1])
        here = Installation(tmp_path, replace(NOWHERE, rasa_second=port))

        findings = await asyncio.to_thread(lambda: [one for one in doctor.examine(here) if one.part == "Rasa server"])

    assert [finding.is_well for finding in findings] == [True]


def test_doctor_sees_a_database_that_is_no_database(tmp_path: Path) -> None:
    here = Installation(tmp_path, NOWHERE)
    here.data.mkdir(parents=True)
    (here.data / "desk.sqlite3").write_bytes(b"not a database at all" * 400)

    finding = next(one for one in doctor.examine(here) if one.part == "数据库 desk.sqlite3")

    assert not finding.is_well
    assert finding.mend


def test_starting_on_a_taken_port_says_which_and_starts_nothing(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        here = Installation(tmp_path, Ports(desk=port, knowledge_base=1, shop=1, rasa=1, actions=1, rasa_second=1))

        with pytest.raises(NotReady, match=str(port)), running(here):
            pass

    assert not (tmp_path / "run").exists()


def test_a_step_is_made_again_only_when_its_inputs_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "HOME", tmp_path / "home")
    monkeypatch.setattr(prepare, "LOGS", tmp_path / "home" / "logs")
    source = tmp_path / "source.txt"
    source.write_text("one")
    made: list[str] = []
    step = prepare.Step("copy", "Copy", [source], lambda: made.append(source.read_text()))
    monkeypatch.setattr(prepare, "STEPS", (step,))

    prepare.prepare([])
    prepare.prepare([])
    source.write_text("two")
    prepare.prepare([])

    assert made == ["one", "two"]


def test_a_step_that_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "HOME", tmp_path / "home")
    monkeypatch.setattr(prepare, "LOGS", tmp_path / "home" / "logs")
    tries: list[int] = []

    def make() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise prepare.StepFailed("no network")

    monkeypatch.setattr(prepare, "STEPS", (prepare.Step("fetch", "Fetch", ["input"], make),))

    with pytest.raises(prepare.StepFailed):
        prepare.prepare([])
    prepare.prepare([])

    assert len(tries) == 2
