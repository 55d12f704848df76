"""Turns the weights into a Hugging Face `BertModel` and a folder that sentence-transformers loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from knowledge_base.model.quantised import Pieces, QuantisedFile

MAX_TOKENS = 512
QUERY_PREFIX = "query: "
#: Hugging Face's name of each weight in a layer, by the file's name, for rows with `hidden` inputs.
LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def state_of(file: QuantisedFile, kept: Sequence[int]) -> dict[str, NDArray[np.float32]]:
    """Every tensor of the model under its Hugging Face name, with the kept rows of the word embedding."""
    shape = file.shape
    types = file.vector("emb.type").reshape(-1, shape.hidden)
    state = {
        "embeddings.word_embeddings.weight": file.matrix("emb.word", shape.hidden)[np.asarray(kept)],
        "embeddings.position_embeddings.weight": file.vector("emb.pos").reshape(-1, shape.hidden),
        # Only type 0 is ever used; the file may leave the others out.
        "embeddings.token_type_embeddings.weight": np.pad(types, ((0, shape.types - len(types)), (0, 0))),
        "embeddings.LayerNorm.weight": file.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": file.vector("emb.ln.b"),
    }
    for layer in range(shape.layers):
        for short, part in LAYER_PARTS.items():
            width = shape.inner if short == "fo" else shape.hidden
            state[f"encoder.layer.{layer}.{part}.weight"] = file.matrix(f"l{layer}.{short}.w", width)
            state[f"encoder.layer.{layer}.{part}.bias"] = file.vector(f"l{layer}.{short}.b")
        for short, part in LAYER_NORMS.items():
            state[f"encoder.layer.{layer}.{part}.weight"] = file.vector(f"l{layer}.{short}.w")
            state[f"encoder.layer.{layer}.{part}.bias"] = file.vector(f"l{layer}.{short}.b")
    return state


def build(file: QuantisedFile, kept: Sequence[int]) -> BertModel:
    shape = file.shape
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=kept.index(file.pieces.pad),
        hidden_act="gelu",
    )
    model = BertModel(config, add_pooling_layer=False)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state_of(file, kept).items()}
    model.load_state_dict(tensors, strict=True)
    model.train(False)
    return model


def save_for_sentence_transformers(
    model: BertModel, tokenizer: Tokenizer, pieces: Pieces, folder: Path, work: Path
) -> None:
    """Write the folder that `SentenceTransformer(folder)` loads; `work` is a scratch folder that does not exist yet."""
    special = pieces.texts
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=special[pieces.bos],
        eos_token=special[pieces.eos],
        cls_token=special[pieces.bos],
        sep_token=special[pieces.eos],
        unk_token=special[pieces.unk],
        pad_token=special[pieces.pad],
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    )
    model.save_pretrained(work)
    fast.save_pretrained(work)
    transformer = Transformer(str(work), max_seq_length=MAX_TOKENS)
    pooling = Pooling(model.config.hidden_size, pooling_mode="mean")
    whole = SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        device="cpu",
        prompts={"query": QUERY_PREFIX},
        default_prompt_name="query",
    )
    whole.save(str(folder))
