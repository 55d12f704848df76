"""The `jieli` command: start, check, fill and administer one installation."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent_console.logs import write_logs
from agent_console.operations import doctor as health
from agent_console.operations import people, prepare
from agent_console.operations.bot_switch import NotSwitched, switch_bot
from agent_console.operations.installation import ROOT, Installation
from agent_console.operations.processes import NotReady, Supervisor, running
from agent_console.operations.seed import SeedFailed, seed_demo

app = typer.Typer(no_args_is_help=True, add_completion=False, help="接力 Jieli：网店的人机协同客服台。")
bot_commands = typer.Typer(no_args_is_help=True, help="机器人：训练与评测。")
user_commands = typer.Typer(no_args_is_help=True, help="控制台账号。")
app.add_typer(bot_commands, name="bot")
app.add_typer(user_commands, name="user")
screen = Console(highlight=False)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.callback()
def speak_plainly() -> None:
    """接力 Jieli：网店的人机协同客服台。"""
    write_logs("warning")


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="同时启动示例店铺并写入示例数据")] = True,
) -> None:
    """启动全部进程，就绪后打印地址；Ctrl-C 干净退出。"""
    here = Installation()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(here, demo=demo) as supervisor:
            for part, seconds in supervisor.until_ready():
                screen.print(f"  [green]✓[/] {part.title}  {seconds:.0f} s")
            if demo:
                seed_demo(here, say=screen.print)
            _print_addresses(here, demo=demo)
            _stay(supervisor)
    except (NotReady, SeedFailed) as trouble:
        screen.print(f"[red]✗[/] {trouble}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        screen.print("已停止。")
        raise typer.Exit(130) from None


def _print_addresses(here: Installation, *, demo: bool) -> None:
    screen.print()
    if demo:
        screen.print(f"  示例店铺  {here.shop_url}/")
    screen.print(f"  客户页面  {here.desk_url}/chat?app=demo")
    screen.print(f"  客服控制台  {here.desk_url}/console/")
    if here.setup_code_file.exists():
        screen.print(f"  首位管理员的一次性注册码  [bold]{here.setup_code_file.read_text().strip()}[/]")
    if demo:
        screen.print(f"  示例客服账号与密码  {people.demo_passwords_file(here)}")
    screen.print("\n  Ctrl-C 停止。日志在", str(here.logs), soft_wrap=True)


def _stay(supervisor: Supervisor) -> None:
    while supervisor.daemon.poll() is None:
        time.sleep(0.5)
    raise NotReady(f"supervisord ended, see {supervisor.here.logs / 'supervisord.log'}")


@app.command()
def serve() -> None:
    """只启动客服台（desk），供多进程部署使用。"""
    here = Installation()
    os.execve(here.python, [str(here.python), "-m", "agent_console"], {**os.environ, **here.environment()})


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False) -> None:
    """逐项检查，每项一行：哪里有问题、怎么修。"""
    findings = list(health.examine(Installation()))
    if as_json:
        typer.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        table = Table(show_header=False, box=None, padding=(0, 1))
        for finding in findings:
            mark = "[green]✓[/]" if finding.is_well else "[red]✗[/]"
            table.add_row(mark, finding.part, finding.told if finding.is_well else f"{finding.told} → {finding.mend}")
        screen.print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@app.command()
def seed() -> None:
    """把示例店铺的知识与客服账号写入正在运行的系统；重复执行不会重复写入。"""
    try:
        seed_demo(Installation(), say=screen.print)
    except SeedFailed as trouble:
        screen.print(f"[red]✗[/] {trouble}", soft_wrap=True)
        raise typer.Exit(1) from None


@user_commands.command("add")
def add_user(
    login: str,
    name: Annotated[str, typer.Option(help="显示给客户的名字")],
    role: Annotated[list[str], typer.Option(help="agent、knowledge_manager、supervisor、admin，可多次给出")],
    group: Annotated[list[str] | None, typer.Option(help="技能组，可多次给出")] = None,
    capacity: Annotated[int, typer.Option(min=1, max=50, help="同时接待上限")] = 8,
) -> None:
    """新建控制台账号；密码从终端或标准输入读取，不出现在命令行里。"""
    here = Installation()
    password = typer.prompt("密码", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        asyncio.run(
            people.add_person(here, people.Person(login, name, tuple(role), tuple(group or ()), capacity), password)
        )
    except people.NotAdded as trouble:
        screen.print(f"[red]✗[/] {trouble}")
        raise typer.Exit(1) from None
    screen.print(f"[green]✓[/] {login}（{name}）")


@app.command(
    context_settings=PASS_ON, help="知识库：导入、导出、检查、索引、评测（jieli kb --help）。", add_help_option=False
)
def kb(context: typer.Context) -> None:
    here = Installation()
    raise typer.Exit(_pass_on(here, [str(here.python), "-m", "knowledge_base", *context.args]))


@bot_commands.command("train", context_settings=PASS_ON, add_help_option=False)
def train(context: typer.Context) -> None:
    """训练机器人；输入未变则直接使用已有模型。"""
    here = Installation()
    raise typer.Exit(_pass_on(here, [str(here.bot_python), str(ROOT / "bot" / "train.py"), *context.args]))


@bot_commands.command("switch")
def switch() -> None:
    """换上新训练的机器人：先训练（如有改动），新的就绪后才停下旧的，客户的对话不中断。"""
    here = Installation()
    if code := _pass_on(here, [str(here.bot_python), str(ROOT / "bot" / "train.py")]):
        raise typer.Exit(code)
    try:
        switch_bot(here, say=screen.print)
    except NotSwitched as trouble:
        screen.print(f"[red]✗[/] {trouble}", soft_wrap=True)
        raise typer.Exit(1) from None
    screen.print("[green]✓[/] 已换上新的机器人")


@bot_commands.command("evaluate", context_settings=PASS_ON, add_help_option=False)
def evaluate_bot(context: typer.Context) -> None:
    """评测意图识别、对话与转人工识别。"""
    here = Installation()
    raise typer.Exit(_pass_on(here, [str(here.bot_python), str(ROOT / "bot" / "evaluate.py"), *context.args]))


def _pass_on(here: Installation, command: list[str]) -> int:
    """Run a part's own command line where the person stands, so that relative file names mean what he means."""
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, **here.environment(), "PYTHONPATH": paths}
    child = subprocess.Popen(command, cwd=Path.cwd(), env=environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child got the same Ctrl-C and ends in its own way


@app.command()
def prepare_machine() -> None:
    """准备本机：环境、模型、训练、网页（等同 make setup）。"""
    try:
        prepare.prepare([])
    except prepare.StepFailed as trouble:
        screen.print(f"[red]✗[/] {trouble}", soft_wrap=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
