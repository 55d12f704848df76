"""Embeds what people ask elsewhere, and writes `knowledge_base/outsiders.safetensors`.

`python -m knowledge_base.finetuning.outsiders`, after every new adapter and every new line of `training_data/elsewhere`
or `training_data/paraphrases`: two minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer
from safetensors.numpy import save_file

from knowledge_base import text as texts
from knowledge_base.embedder import open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.finetuning import groups
from knowledge_base.finetuning.groups import Group
from knowledge_base.outsiders import SHIPPED, Outsiders
from knowledge_base.settings import Settings
from knowledge_base.snapshot import middles_of
from knowledge_base.wordwise import PROBE

DATA = Path(__file__).resolve().parents[2] / "training_data"


def known_elsewhere(data: Path) -> list[Group]:
    """Shoppers' questions group by group, all others line by line."""
    return [*groups.paraphrases(data / "paraphrases"), *groups.elsewhere(data / "elsewhere")]


def outsiders_of(known: Sequence[Group], embedder: CachedEmbedder) -> Outsiders:
    """The middle of each group."""
    vectors = embedder.embed([one for group in known for one in group.texts])
    return Outsiders(middles_of(vectors, np.cumsum([0, *(len(group.texts) for group in known)])))


def main(data: Path = DATA, into: Path = SHIPPED) -> None:
    settings = Settings()
    texts.use_dictionary(settings.dictionary)
    model = open_embedder("", settings.default_model)
    known = known_elsewhere(data)
    steps, scales = outsiders_of(known, CachedEmbedder(model, settings.embedding_cache)).rounded()
    save_file({"steps": steps, "scales": scales, "probe": model.embed([PROBE])[0].astype(np.float16)}, str(into))
    typer.echo(f"{len(known)} questions of elsewhere, {into.stat().st_size / 1e6:.1f} MB: {into}")


if __name__ == "__main__":
    typer.run(main)
