"""Trains the adapter: an hour at most on two cores, resumable after any step, the same result for the same seed."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from knowledge_base.finetuning import batches
from knowledge_base.finetuning.groups import Group
from knowledge_base.finetuning.noise import Noise, surrounded
from knowledge_base.model import adapter, bert, vocabulary
from knowledge_base.model import tokenizer as words
from knowledge_base.model.quantised import QuantisedFile, installed_weights

LONGEST = 64
"""Tokens of a text that are learnt from; a question has about fifteen."""
TEXTS_AT_ONCE = 32
"""A step goes through the model in parts of similar length, so that little is spent on padding."""
STEPS_BETWEEN_CHECKPOINTS = 20
WARM_UP = 20
LEAST_RATE = 0.02


@dataclass(frozen=True)
class Recipe:
    """What decides the result. The figures were chosen on held-out topics; docs/model-card.md has the table."""

    epochs: int = 3
    rank: int = 32
    strength: float = 2.0
    rate: float = 6e-4
    temperature: float = 0.05
    disturbed: float = 0.4
    surrounded: float = 0.2
    seed: int = 1


def plain_model() -> tuple[BertModel, Tokenizer]:
    """The model before any fine-tuning, with its tokenizer cutting and padding."""
    file = QuantisedFile(installed_weights())
    pieces = file.pieces
    kept = vocabulary.kept_ids(pieces.texts, frozenset({pieces.bos, pieces.eos, pieces.pad, pieces.unk}))
    tokenizer = words.build(pieces, kept)
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding(pad_id=kept.index(pieces.pad), pad_token=pieces.texts[pieces.pad])
    return bert.build(file, kept), tokenizer


def embed(model: BertModel, tokenizer: Tokenizer, texts: Sequence[str]) -> torch.Tensor:
    """Vectors of length 1 in the order of the texts."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    parts = []
    # Half the bits are three times as fast where the processor multiplies them itself, and slow where it does not.
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        for start in range(0, len(order), TEXTS_AT_ONCE):
            encoded = tokenizer.encode_batch(
                [bert.QUERY_PREFIX + texts[place] for place in order[start : start + TEXTS_AT_ONCE]]
            )
            ids = torch.tensor([one.ids for one in encoded])
            mask = torch.tensor([one.attention_mask for one in encoded])
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            parts.append((hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True))
    back = torch.tensor(order).argsort()
    return torch.nn.functional.normalize(torch.cat(parts)[back], dim=-1)


def loss_of(vectors: torch.Tensor, same: torch.Tensor, ignored: torch.Tensor, temperature: float) -> torch.Tensor:
    """Every pair that means the same against all that means something else; `ignored` pairs are neither."""
    likeness = vectors @ vectors.T / temperature
    others = likeness.masked_fill(same | ignored, float("-inf")).logsumexp(dim=1, keepdim=True)
    pairs = same & ~torch.eye(len(vectors), dtype=torch.bool)
    lost = torch.nn.functional.softplus(others - likeness)[pairs]
    return lost.mean()


def right_first(model: BertModel, tokenizer: Tokenizer, groups: Sequence[Group]) -> float:
    """How often the nearest phrasing belongs to the right group, on groups with two phrasings in five asked."""
    kept = [(n, text) for n, group in enumerate(groups) for p, text in enumerate(group.texts) if p % 5 < 3]
    asked = [(n, text) for n, group in enumerate(groups) for p, text in enumerate(group.texts) if p % 5 >= 3]
    if not asked:
        return float("nan")
    with torch.no_grad():
        likeness = embed(model, tokenizer, [t for _, t in asked]) @ embed(model, tokenizer, [t for _, t in kept]).T
    nearest = likeness.argmax(dim=1).tolist()
    return float(np.mean([kept[place][0] == number for place, (number, _) in zip(nearest, asked, strict=True)]))


class Training:
    """One run over `learnt`; `watched` is measured after every epoch and never learnt from."""

    def __init__(
        self,
        learnt: Sequence[Group],
        watched: Sequence[Group],
        recipe: Recipe,
        folder: Path,
        say: Callable[[str], None],
        begun_with: Path | None = None,
    ) -> None:
        """`begun_with` is an adapter to go on from; without one it begins with the plain model."""
        self._begun_with = begun_with
        self._learnt, self._watched, self._recipe, self._folder, self._say = learnt, watched, recipe, folder, say
        self._checkpoint = folder / "checkpoint.pt"
        digest = hashlib.sha256(json.dumps([asdict(recipe), [asdict(group) for group in learnt]]).encode())
        digest.update(begun_with.read_bytes() if begun_with else b"")
        self._task = digest.hexdigest()

    def run(self) -> Path:
        """Train to the end, from the checkpoint if there is one of the same task, and return the adapter's file."""
        recipe = self._recipe
        torch.manual_seed(recipe.seed)
        self._folder.mkdir(parents=True, exist_ok=True)
        model, tokenizer = plain_model()
        adapted = adapter.adapt(model, recipe.rank, recipe.strength)
        if self._begun_with:
            adapter.load(adapted, self._begun_with)
        nearest = self._nearest(model, tokenizer)
        plan = [
            step
            for number in range(recipe.epochs)
            for step in [*batches.epoch(self._learnt, nearest, Random(f"{recipe.seed} {number}")), None]
        ]
        steps = sum(step is not None for step in plan)
        learnt = [one for layer in adapted.values() for one in (layer.down, layer.up)]
        optimiser = torch.optim.AdamW(learnt, lr=recipe.rate, weight_decay=0.01)
        done, told = self._resumed(learnt, optimiser)
        noise = Noise(text for group in self._learnt for text in group.texts)
        ignored = batches.never_apart(self._learnt)
        model.train()
        begun, first, at = time.monotonic(), done, 0
        for step in plan:
            if step is None:
                if at >= done and at not in told and self._watched:
                    told[at] = self._measured(model, tokenizer, at, steps)
                continue
            at += 1
            if at <= done:
                continue
            for group in optimiser.param_groups:
                group["lr"] = recipe.rate * min(1.0, at / WARM_UP) * max(LEAST_RATE, 1 - at / steps)
            torch.manual_seed(recipe.seed * 1_000_003 + at)  # of dropout: a resumed run must draw as an unbroken one
            random = Random(f"{recipe.seed} step {at}")
            texts = [self._as_typed(text, noise, random) for _, text in step]
            numbers = torch.tensor([number for number, _ in step])
            same = numbers[:, None] == numbers[None]
            lost = loss_of(embed(model, tokenizer, texts), same, ignored[numbers][:, numbers], recipe.temperature)
            optimiser.zero_grad()
            lost.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if at % STEPS_BETWEEN_CHECKPOINTS == 0:
                self._save(at, told, learnt, optimiser)
                left = (time.monotonic() - begun) / (at - first) * (steps - at)
                self._say(f"step {at}/{steps}, loss {lost.item():.3f}, about {left / 60:.0f} min left")
        about = {
            "recipe": asdict(recipe),
            "texts": sum(len(group.texts) for group in self._learnt),
            "topics": sorted({group.topic for group in self._learnt if group.source == "paraphrases"}),
            "right": told,
        }
        adapter.save(adapted, self._folder / "adapter.safetensors", about)
        return self._folder / "adapter.safetensors"

    def _as_typed(self, text: str, noise: Noise, random: Random) -> str:
        typed = noise.disturbed(text, random) if random.random() < self._recipe.disturbed else text
        return surrounded(typed, random) if random.random() < self._recipe.surrounded else typed

    def _nearest(self, model: BertModel, tokenizer: Tokenizer) -> list[list[int]]:
        """Neighbours as the model sees them that it begins with: what that one confuses."""
        middles: NDArray[np.float32] = np.zeros((len(self._learnt), model.config.hidden_size), dtype=np.float32)
        near = [n for n, group in enumerate(self._learnt) if group.source in batches.MEETS_NEIGHBOURS]
        rows = [(n, text) for n in near for text in self._learnt[n].texts]
        with torch.no_grad():
            vectors = embed(model, tokenizer, [text for _, text in rows]).numpy()
        np.add.at(middles, [n for n, _ in rows], vectors - vectors.mean(axis=0))
        middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
        if self._watched:
            self._say(f"to begin with: right first {right_first(model, tokenizer, self._watched):.3f}")
        return batches.nearest_groups(self._learnt, middles)

    def _measured(self, model: BertModel, tokenizer: Tokenizer, at: int, steps: int) -> float:
        model.train(False)
        right = right_first(model, tokenizer, self._watched)
        model.train()
        self._say(f"step {at}/{steps}: right first {right:.3f} on held-out topics")
        return right

    def _resumed(self, learnt: list[Any], optimiser: torch.optim.Optimizer) -> tuple[int, dict[int, float]]:
        if not self._checkpoint.exists():
            return 0, {}
        kept = torch.load(self._checkpoint, weights_only=True)
        if kept["task"] != self._task:
            self._say("the checkpoint belongs to other questions or another recipe: starting anew")
            return 0, {}
        with torch.no_grad():
            for one, values in zip(learnt, kept["learnt"], strict=True):
                one.copy_(values)
        optimiser.load_state_dict(kept["optimiser"])
        self._say(f"going on after step {kept['step']}")
        return kept["step"], kept["told"]

    def _save(self, step: int, told: dict[int, float], learnt: list[Any], optimiser: torch.optim.Optimizer) -> None:
        state = {"task": self._task, "step": step, "told": told, "learnt": [one.detach() for one in learnt]}
        scratch = self._checkpoint.with_suffix(".part")
        torch.save({**state, "optimiser": optimiser.state_dict()}, scratch)
        os.replace(scratch, self._checkpoint)
