"""What fine-tuning changed in the model: two thin matrices per weight, kept in a file of a few megabytes.

The forty lines of LoRA are ours because the `peft` library would bring `accelerate` and a second way to save a model
for what is one sum per weight here.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import BertModel

SHIPPED = Path(__file__).with_name("adapter") / "adapter.safetensors"


class AdaptedLinear(torch.nn.Module):
    """A frozen linear layer with a learnt difference of low rank."""

    def __init__(self, plain: torch.nn.Linear, rank: int, strength: float) -> None:
        super().__init__()
        self.plain, self.strength = plain, strength
        self.down = torch.nn.Parameter(torch.empty(rank, plain.in_features))
        self.up = torch.nn.Parameter(torch.zeros(plain.out_features, rank))
        torch.nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        learnt = torch.nn.functional.linear(torch.nn.functional.linear(given, self.down), self.up)
        out: torch.Tensor = self.plain(given) + self.strength * learnt
        return out


def adapt(model: BertModel, rank: int, strength: float) -> dict[str, AdaptedLinear]:
    """Freeze the model and put an adapter on every linear layer of its encoder; by the layer's name."""
    model.requires_grad_(False)
    linear = {
        n: one for n, one in model.named_modules(prefix="") if isinstance(one, torch.nn.Linear) and "encoder" in n
    }
    adapted = {name: AdaptedLinear(plain, rank, strength) for name, plain in linear.items()}
    for name, one in adapted.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, one)
    return adapted


def save(adapted: dict[str, AdaptedLinear], path: Path, about: dict[str, object]) -> None:
    """Half precision is enough: the graph is rounded to 8 bits afterwards."""
    tensors = {}
    for name, one in adapted.items():
        tensors[f"{name}.down"] = one.down.detach().half().contiguous()
        tensors[f"{name}.up"] = (one.up.detach() * one.strength).half().contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(path), metadata={"about": json.dumps(about, ensure_ascii=False)})


def load(adapted: dict[str, AdaptedLinear], path: Path) -> None:
    """Go on from what was saved; the ranks must be equal."""
    with safe_open(str(path), framework="pt") as file, torch.no_grad():
        for name, one in adapted.items():
            one.down.copy_(file.get_tensor(f"{name}.down"))
            one.up.copy_(file.get_tensor(f"{name}.up").float() / one.strength)


def merge(model: BertModel, path: Path) -> None:
    """Add the learnt differences to the weights of the plain model, in place."""
    with safe_open(str(path), framework="pt") as file, torch.no_grad():
        for key in file.keys():  # noqa: SIM118 (a file, not a dict)
            if key.endswith(".up"):
                name = key.removesuffix(".up")
                difference = file.get_tensor(key).float() @ file.get_tensor(f"{name}.down").float()
                model.get_submodule(name).get_parameter("weight").add_(difference)
