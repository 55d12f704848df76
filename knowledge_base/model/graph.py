"""Exports the encoder as an ONNX graph with int8 weights, the form that answers a query in a few milliseconds."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertModel

from knowledge_base.model.levelling import Factors, level

OPSET = 17
#: Read by every onnxruntime from 1.16 on, so by the one that Rasa's numpy allows as well.
IR_VERSION = 9
INPUTS = ["input_ids", "attention_mask"]
OUTPUTS = ["last_hidden_state", "sentence_embedding"]


def _not_about_preprocessing(record: logging.LogRecord) -> bool:
    """The quantiser always advises a pre-processing step that only helps convolutions."""
    return "pre-processing" not in record.getMessage()


class SentenceEncoder(torch.nn.Module):
    """Token vectors, and their mean over the attention mask brought to length 1."""

    def __init__(self, model: BertModel, factors: Sequence[Factors]) -> None:
        super().__init__()
        self.model, self.factors = model, factors

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """BERT's own forward without its choice of attention kernels, which the exporter cannot follow."""
        embeddings, layers = self.model.embeddings, cast(Iterable[Any], self.model.encoder.layer)
        heads = self.model.config.num_attention_heads
        hidden = embeddings(input_ids=input_ids)
        mask = attention_mask.to(hidden.dtype)
        hindrance = (1.0 - mask)[:, None, None, :] * torch.finfo(hidden.dtype).min
        batch, length, width = hidden.shape
        for layer, by in zip(layers, self.factors, strict=True):
            attention, levelled = layer.attention.self, hidden * by.attention
            query, key, value = (
                part(levelled).view(batch, length, heads, width // heads).transpose(1, 2)
                for part in (attention.query, attention.key, attention.value)
            )
            scores = query @ key.transpose(-1, -2) / (width // heads) ** 0.5 + hindrance
            mixed = (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, length, width)
            hidden = layer.attention.output(mixed * by.mixed, hidden)
            hidden = layer.output(layer.intermediate(hidden * by.between) * by.inner, hidden)
        weights = mask[:, :, None]
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-9)
        return hidden, torch.nn.functional.normalize(mean, dim=-1)


def export(model: BertModel, tokenizer: Tokenizer, path: Path) -> None:
    """Write the float graph to a scratch file and its int8 form to `path`, scales per output channel.

    The weights of `model` are changed on the way: it is of no use afterwards.
    """
    factors = level(model, tokenizer)
    example = torch.tensor([[0, 7, 8, 9, 2], [0, 7, 8, 2, 1]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    moving = {0: "batch", 1: "length"}
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        whole = Path(work) / "float.onnx"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the tracer warns of every constant; the result is compared in the tests
            torch.onnx.export(
                SentenceEncoder(model, factors).eval(),
                (example, mask),
                str(whole),
                input_names=INPUTS,
                output_names=OUTPUTS,
                dynamic_axes={INPUTS[0]: moving, INPUTS[1]: moving, OUTPUTS[0]: moving, OUTPUTS[1]: {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,  # the newer exporter needs onnxscript and gives the same graph here
            )
        graph = onnx.load(str(whole))
        graph.ir_version = IR_VERSION
        onnx.save(graph, str(whole))
        logging.getLogger().addFilter(_not_about_preprocessing)
        try:
            quantize_dynamic(str(whole), str(path), per_channel=True, weight_type=QuantType.QInt8)
        finally:
            logging.getLogger().removeFilter(_not_about_preprocessing)
    with path.open("rb") as file:
        os.fsync(file.fileno())
