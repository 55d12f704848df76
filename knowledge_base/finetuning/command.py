"""`python -m knowledge_base finetune`: learns from question groups and writes the adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DATA = Path(__file__).resolve().parents[2] / "training_data"


def finetune(
    data: Annotated[
        Path, typer.Option(help="含 faq/*.csv 和 paraphrases/*.tsv 的目录", exists=True, file_okay=False)
    ] = DATA,
    out: Annotated[Path, typer.Option(help="检查点与结果 adapter.safetensors 所在目录")] = Path("finetuned"),
    pairs: Annotated[
        Path | None, typer.Option(help="可选：「序号、问题、问题、1 或 0」的问题对", exists=True, dir_okay=False)
    ] = None,
    without: Annotated[
        list[Path] | None, typer.Option(help="这些文件末列的句子不从 --pairs 学", exists=True, dir_okay=False)
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="轮数")] = None,
    rate: Annotated[float | None, typer.Option(help="学习率")] = None,
    begin_with: Annotated[
        Path | None,
        typer.Option(help="从这个适配器接着学，而不是从原模型开始", exists=True, dir_okay=False),
    ] = None,
    everything: Annotated[bool, typer.Option(help="连留出的主题也学（之后置信度无处可拟合）")] = False,
) -> None:
    """用成组的问法微调向量模型（两核约半小时，中断后可续）。"""
    from dataclasses import replace

    from knowledge_base import text
    from knowledge_base.finetuning import groups
    from knowledge_base.finetuning.training import Recipe, Training  # torch takes seconds to import
    from knowledge_base.settings import Settings

    text.use_dictionary(Settings().dictionary)
    own = groups.paraphrases(data / "paraphrases")
    held_out = [] if everything else [group for group in own if groups.is_held_out(group.topic)]
    learnt = [group for group in own if group not in held_out] + groups.faq(data / "faq")
    if pairs:
        learnt += groups.pairs(pairs, without or [])
    learnt = [group for group in learnt if len(group.texts) > 1]
    recipe = Recipe()
    recipe = replace(recipe, epochs=epochs or recipe.epochs, rate=rate or recipe.rate)
    typer.echo(
        f"{len(learnt)} groups, {sum(len(group.texts) for group in learnt)} texts; "
        f"held out: {len(held_out)} groups of {len({group.topic for group in held_out})} topics"
    )
    try:
        made = Training(learnt, held_out, recipe, out, typer.echo, begin_with).run()
    except KeyboardInterrupt:
        typer.echo("已中断；再次运行同一命令会从最近的检查点继续", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"{made}（{made.stat().st_size / 1e6:.1f} MB）。放到 knowledge_base/model/adapter/ 后运行 prepare-model")
