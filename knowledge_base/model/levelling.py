"""Evens out what enters each linear layer, so that rounding to 8 bits costs the small values nothing.

A few of the hidden numbers are a hundred times as large as the others, and all of them share one 8-bit scale. Dividing
each number by a factor of its own and multiplying the weights that read it by the same factor changes nothing in full
precision and most of what is lost in rounding (SmoothQuant, Xiao et al. 2023). Without it the cosine to full precision
was 0.984 at worst in the tests' sentences, with it 0.996; four multiplications a layer are the price.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertModel

from knowledge_base.model import bert
from knowledge_base.text import lines_of

SENTENCES = tuple(lines_of(Path(__file__).with_name("levelling.txt")))
"""Questions that show how large each number gets; any sixty of a shop's do."""
TOWARDS_INPUTS = 0.7
"""How much of the unevenness goes into the weights. Cosine at worst when chosen: .6 .9947, .7 .9961, .8 .9950."""
INPUTS = {
    "attention": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "mixed": ("attention.output.dense",),
    "between": ("intermediate.dense",),
    "inner": ("output.dense",),
}
"""The four places of a layer that linear layers read from, and who reads there."""


@dataclass(frozen=True)
class Factors:
    """What each of the four inputs of a layer is multiplied by before it is read."""

    attention: torch.Tensor
    mixed: torch.Tensor
    between: torch.Tensor
    inner: torch.Tensor


@torch.no_grad()
def level(model: BertModel, tokenizer: Tokenizer) -> list[Factors]:
    """The factors of every layer; the weights of `model` are changed in place to read what was multiplied by them."""
    largest = _largest_inputs(model, tokenizer, SENTENCES)
    found = []
    for number in range(model.config.num_hidden_layers):
        factors = {}
        for place, readers in INPUTS.items():
            linear = [model.get_submodule(f"encoder.layer.{number}.{reader}") for reader in readers]
            weights = [layer.get_parameter("weight") for layer in linear]
            read = torch.stack([weight.abs().amax(dim=0) for weight in weights]).amax(dim=0).clamp(min=1e-4)
            given = largest[f"encoder.layer.{number}.{readers[0]}"].clamp(min=1e-3)
            exponent = TOWARDS_INPUTS * given.log2() - (1 - TOWARDS_INPUTS) * read.log2()
            # Powers of two are exact, so a processor that adds in another order gets the same graph.
            scale = torch.exp2((exponent - exponent.mean()).round())
            for weight in weights:
                weight.mul_(scale)
            factors[place] = 1 / scale
        found.append(Factors(**factors))
    return found


def _largest_inputs(model: BertModel, tokenizer: Tokenizer, sentences: Sequence[str]) -> dict[str, torch.Tensor]:
    largest: dict[str, torch.Tensor] = {}
    with _watching(model, largest):
        for sentence in sentences:
            model(input_ids=torch.tensor([tokenizer.encode(bert.QUERY_PREFIX + sentence).ids]))
    return largest


@contextmanager
def _watching(model: BertModel, largest: dict[str, torch.Tensor]) -> Iterator[None]:
    """Keeps for every linear layer the largest absolute value of each of its inputs."""

    def watch(name: str, layer: torch.nn.Module) -> torch.utils.hooks.RemovableHandle:
        def keep(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            now = given[0].abs().flatten(0, -2).amax(dim=0)
            largest[name] = torch.maximum(largest[name], now) if name in largest else now

        return layer.register_forward_pre_hook(keep)

    linear = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)]
    hooks = [watch(name, layer) for name, layer in linear]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
