"""`jieli kb evaluate`: asks the production pipeline the questions of a file and prints how it did."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from knowledge_base.faq import Served

INTERRUPTED = 130
MOST_NAMED = 5
DATA = "JIELI_EVALUATION_DATA"
REPOSITORY = Path(__file__).resolve().parent.parent
TRAINING = REPOSITORY / "training_data"
BESIDE = REPOSITORY.parent / "shared" / "data"
"""Where data that may not be in the repository usually lies: beside it."""


def evaluate(
    index: Annotated[Path, typer.Option(help="索引文件：id<TAB>问题", exists=True, dir_okay=False)],
    queries: Annotated[Path, typer.Option(help="问题文件：种类<TAB>ids<TAB>问题", exists=True, dir_okay=False)],
    holes: Annotated[int, typer.Option(min=0, help="分几份轮流去掉条目，检查是否拒答（如 5）")] = 0,
    plot: Annotated[Path | None, typer.Option(help="把风险—覆盖率与可靠性曲线画成 PNG", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """用出厂的流程和置信度评测，不在文件上做任何拟合。"""
    with refusing_clearly(as_json):
        result = _measured(index, queries, holes, plot)
    _print(result, as_json)


def evaluate_real(
    data: Annotated[Path | None, typer.Option(help="含 dialogue/*.tsv 的目录", envvar=DATA)] = None,
    training: Annotated[Path, typer.Option(help="含 faq/、evaluation/ 的目录", file_okay=False)] = TRAINING,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """用真实客户的话评测示例知识库（只作报告，不据此调整任何东西）；没有数据目录时跳过。"""
    from knowledge_base import evaluate as evaluation
    from knowledge_base import progress, real_utterances
    from knowledge_base.settings import Settings

    with refusing_clearly(as_json):
        folder = data or BESIDE
        asked = real_utterances.asked(folder, training / "evaluation" / "real_utterances.tsv")
        if not asked:
            typer.echo(f"跳过：{folder} 里没有标注过的对话（用 --data 或 {DATA} 指定）", err=True)
            return
        entries = real_utterances.seed_faq(training / "faq")
        with tempfile.TemporaryDirectory() as scratch:
            search, embedder = evaluation.production(Settings(), Path(scratch) / "embeddings.sqlite3")
            outcomes, seconds = evaluation.ask_all(search, embedder, entries, asked, progress.shown)
        _print(evaluation.table(outcomes, seconds, embedder.fingerprint), as_json)


def learn_thresholds(
    queries: Annotated[Path, typer.Option(help="标注过的问题：种类<TAB>ids<TAB>问题", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option(help="只显示，不写入")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """按分类设定回答阈值：只在标注数据足够的分类上偏离总阈值；知识库重启后生效。"""
    import asyncio

    from knowledge_base import category_thresholds, progress
    from knowledge_base import evaluate as evaluation
    from knowledge_base.confidence import Confidence
    from knowledge_base.labelled import read_queries
    from knowledge_base.settings import Settings

    settings = Settings()
    with refusing_clearly(as_json):
        asked = read_queries(queries)
        entries = asyncio.run(_published(settings.database_url))
        search, embedder = evaluation.production(settings, settings.embedding_cache)
        outcomes, _ = evaluation.ask_all(search, embedder, entries, asked, progress.shown)
        seen = evaluation.seen_by_category(outcomes)
        overall = Confidence.load().threshold(settings.target_precision)
        found = category_thresholds.thresholds(seen, settings.target_precision, overall)
        if not dry_run:
            path = settings.category_thresholds
            category_thresholds.save(found, settings.target_precision, overall, embedder.fingerprint, path)
    counts = Counter(one.category for one in seen)
    if as_json:
        typer.echo(json.dumps({"overall": overall, "answer_at": found, "questions": counts}, ensure_ascii=False))
        return
    typer.echo(f"总阈值 {overall:.3f}（目标准确率 {settings.target_precision:.0%}）")
    for category, number in counts.most_common():
        told = f"{found[category]:.3f}" if category in found else "同总阈值（数据不足，或没有理由偏离）"
        typer.echo(f"  {category}：{number} 个问题，{told}")


async def _published(database_url: str) -> list[Served]:
    from knowledge_base.store import Store, served_entries

    store = Store(database_url)
    try:
        await store.open()
        async with store.read() as connection:
            return await served_entries(connection)
    finally:
        await store.close()


def _print(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        typer.echo(f"{name:>20}  {value}")


@contextmanager
def refusing_clearly(as_json: bool) -> Iterator[None]:
    """What was to be expected ends with one sentence and exit code 1, Ctrl-C with 130; nothing ends in a traceback."""
    from knowledge_base.errors import CannotStart

    try:
        yield
    except CannotStart as error:
        code = getattr(error, "code", "cannot_start")
        told = {"code": code, "detail": str(error), "line": getattr(error, "number", None)}
        typer.echo(json.dumps(told, ensure_ascii=False) if as_json else str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        told = {"code": "storage_unavailable", "detail": str(error), "line": None}
        typer.echo(json.dumps(told, ensure_ascii=False) if as_json else f"读写文件失败：{error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("已中断，没有写下任何结果", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _measured(index: Path, queries: Path, holes: int, plot: Path | None) -> dict[str, Any]:
    from knowledge_base import evaluate as evaluation
    from knowledge_base import plot as plotting
    from knowledge_base import progress
    from knowledge_base.labelled import read_index, read_queries, unknown_ids
    from knowledge_base.settings import Settings

    if plot is not None:
        plotting.check(plot)
    entries, asked = read_index(index), read_queries(queries)
    unknown = unknown_ids(entries, asked)
    if unknown:
        named = "、".join(unknown[:MOST_NAMED])
        typer.echo(f"注意：索引里没有的 id 有 {len(unknown)} 个（{named}…），这些问题只会算错", err=True)
    with tempfile.TemporaryDirectory() as scratch:
        search, embedder = evaluation.production(Settings(), Path(scratch) / "embeddings.sqlite3")
        outcomes, seconds = evaluation.ask_all(search, embedder, entries, asked, progress.shown)
        result = evaluation.table(outcomes, seconds, embedder.fingerprint)
        if plot is not None:
            plotting.draw(plot, evaluation.Judged.of(outcomes), result)
        if holes:
            result |= evaluation.holes(search, embedder, entries, asked, holes, progress.shown)
    return result
