"""Learns the space in which a question's words look for a phrasing's, and writes `knowledge_base/wordwise.safetensors`.

`python -m knowledge_base.finetuning.words`, after every new adapter: a few minutes on two cores. The encoder stays as
it is; one projection of its token vectors is learnt from the groups that the adapter learnt from, siblings told apart
by the words they differ in. Held-out topics are only measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import torch
import typer
from safetensors.torch import save_file
from tokenizers import Tokenizer

from knowledge_base import text as texts
from knowledge_base.embedder import OnnxEmbedder
from knowledge_base.finetuning import groups
from knowledge_base.finetuning.groups import Group, same_questions
from knowledge_base.settings import Settings
from knowledge_base.wordwise import PROBE, SHIPPED

DATA = Path(__file__).resolve().parents[2] / "training_data"
LONGEST = 22
"""Pieces of a text that are learnt from."""
WIDTH = 128
STEPS = 1500
"""Held-out topics are as good after 500; nothing was chosen by them."""
RATE, LEAST_RATE = 2e-3, 0.02
TEMPERATURE = 0.05
GROUPS_A_STEP, SIBLINGS, TEXTS_A_GROUP = 48, 4, 3
RARITY_SCALE = 4.0


@dataclass(frozen=True)
class Tokens:
    """Padded token vectors, the rarity of each piece (0: padding), and the group of every text."""

    hidden: torch.Tensor
    rarity: torch.Tensor
    group: torch.Tensor


def rarities(tokenizer: Tokenizer) -> torch.Tensor:
    """Of every piece: the negative logarithm of its frequency in the model's own vocabulary; 0 for marks."""
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    return torch.tensor([-score if any(map(str.isalnum, piece)) else 0.0 for piece, score in vocabulary])


def tokens_of(embedder: OnnxEmbedder, learnt: Sequence[Group], rarity: torch.Tensor) -> Tokens:
    rows = [(number, one) for number, group in enumerate(learnt) for one in group.texts]
    hidden = torch.zeros(len(rows), LONGEST, embedder.dimensions)
    weights = torch.zeros(len(rows), LONGEST)
    for row, (_, one) in enumerate(rows):
        ids, vectors = embedder.pieces(one)
        own = rarity[torch.from_numpy(ids)]
        kept = own.nonzero().flatten()[:LONGEST]
        hidden[row, : len(kept)] = torch.from_numpy(vectors)[kept]
        weights[row, : len(kept)] = own[kept]
    return Tokens(hidden, weights, torch.tensor([number for number, _ in rows]))


class Space(torch.nn.Module):
    """A projection, begun with the directions in which token vectors differ most, and how much rarity counts."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        vectors = tokens.hidden[tokens.rarity > 0][:20_000]
        middle = vectors.mean(dim=0)
        directions = torch.linalg.svd(vectors - middle, full_matrices=False)[2][:WIDTH]
        self.projection = torch.nn.Parameter(directions.clone())
        self.shift = torch.nn.Parameter(-(directions @ middle))
        self.rarity = torch.nn.Parameter(torch.tensor([1.0, 0.0]))

    def placed(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(hidden @ self.projection.T + self.shift, dim=-1, eps=1e-4)

    def weights(self, rarity: torch.Tensor) -> torch.Tensor:
        counted = torch.nn.functional.softplus(self.rarity[0] * rarity / RARITY_SCALE + self.rarity[1])
        return torch.where(rarity > 0, counted, torch.zeros(()))

    def met(self, asked: Tokens, stored: Tokens) -> torch.Tensor:
        """How well the words of each asked text are met by those of each stored one."""
        likeness = torch.einsum("aik,bjk->abij", self.placed(asked.hidden), self.placed(stored.hidden))
        nearest = likeness.masked_fill((stored.rarity <= 0)[None, :, None, :], -1).max(dim=3).values
        weights = self.weights(asked.rarity)
        return (nearest * weights[:, None, :]).sum(dim=2) / (weights.sum(dim=1)[:, None] + 1e-6)


def part(tokens: Tokens, rows: torch.Tensor) -> Tokens:
    return Tokens(tokens.hidden[rows], tokens.rarity[rows], tokens.group[rows])


def steps(learnt: Sequence[Group], random: Random, count: int) -> Iterable[list[int]]:
    """Groups that meet: some of a topic at a time, for siblings are what has to be told apart."""
    topics: dict[tuple[str, str], list[int]] = {}
    for number, group in enumerate(learnt):
        topics.setdefault((group.source, group.topic), []).append(number)
    several = [own for own in topics.values() if len(own) > 1]
    for _ in range(count):
        met: list[int] = []
        for own in random.sample(several, len(several)):
            met += random.sample(own, min(SIBLINGS, len(own)))
            if len(met) >= GROUPS_A_STEP:
                break
        yield met


def learn(learnt: Sequence[Group], tokens: Tokens, count: int = STEPS) -> Space:
    torch.manual_seed(1)
    random = Random(1)
    space = Space(tokens)
    names = [group.name for group in learnt]
    doubled = {frozenset(pair) for pair in same_questions()}
    rows = [(tokens.group == number).nonzero().flatten() for number in range(len(learnt))]
    optimiser = torch.optim.AdamW(space.parameters(), lr=RATE, weight_decay=1e-3)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(LEAST_RATE, 1 - step / count))
    for met in steps(learnt, random, count):
        drawn = [rows[number][torch.randperm(len(rows[number]))[:TEXTS_A_GROUP]] for number in met]
        own = part(tokens, torch.cat(drawn))
        likeness = space.met(own, own)
        likeness = (likeness + likeness.T) / 2 / TEMPERATURE
        same = own.group[:, None] == own.group[None]
        ignored = torch.tensor(
            [[frozenset((names[a], names[b])) in doubled for b in own.group.tolist()] for a in own.group.tolist()]
        )
        others = likeness.masked_fill(same | ignored, float("-inf")).logsumexp(dim=1, keepdim=True)
        pairs = same & ~torch.eye(len(same), dtype=torch.bool)
        loss = torch.nn.functional.softplus(others - likeness)[pairs].mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        falling.step()
    return space


def right_first(space: Space, tokens: Tokens) -> float:
    """How often the phrasing whose words meet it best is of the right group; two in five of each group are asked."""
    place = torch.arange(len(tokens.group)) - torch.searchsorted(tokens.group, tokens.group)
    is_asked = place % 5 >= 3
    asked, stored = part(tokens, is_asked.nonzero().flatten()), part(tokens, (~is_asked).nonzero().flatten())
    with torch.no_grad():
        met = torch.cat(
            [space.met(part(asked, rows), stored) for rows in torch.split(torch.arange(len(asked.group)), 64)]
        )
    return float(np.mean((stored.group[met.argmax(dim=1)] == asked.group).numpy()))


def save(space: Space, rarity: torch.Tensor, embedder: OnnxEmbedder, about: dict[str, object], path: Path) -> None:
    with torch.no_grad():
        tensors = {
            "projection": space.projection.half(),
            "shift": space.shift.half(),
            "weights": space.weights(rarity).half(),
            "probe": torch.from_numpy(embedder.embed([PROBE])[0]).half(),
        }
    save_file(
        {name: one.contiguous() for name, one in tensors.items()}, str(path), metadata={"about": json.dumps(about)}
    )


def write(data: Path, into: Path) -> dict[str, object]:
    """What is known of the result: right first on held-out groups by the words alone is among it."""
    settings = Settings()
    texts.use_dictionary(settings.dictionary)
    embedder = OnnxEmbedder(settings.default_model)
    topics = groups.learnt_topics(groups.SHIPPED_ADAPTER)
    own = groups.paraphrases(data / "paraphrases")
    asked = [replace(group, texts=group.texts[:-1]) for group in groups.faq(data / "faq")]  # the last is the answer
    learnt = [group for group in own if group.topic in topics] + asked
    learnt = [group for group in learnt if len(group.texts) > 1]
    held_out = [group for group in own if group.topic not in topics]
    rarity = rarities(embedder.tokenizer)
    space = learn(learnt, tokens_of(embedder, learnt, rarity))
    watched = right_first(space, tokens_of(embedder, held_out, rarity))
    about = {
        "model": embedder.fingerprint,
        "groups": len(learnt),
        "held out": len(held_out),
        "right first": round(watched, 4),
    }
    save(space, rarity, embedder, about, into)
    return about


if __name__ == "__main__":
    typer.echo(json.dumps(write(DATA, SHIPPED)))
