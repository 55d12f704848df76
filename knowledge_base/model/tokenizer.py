"""Builds the XLM-R tokenizer over the kept pieces with Hugging Face's `tokenizers`."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from knowledge_base.model.quantised import Pieces

#: XLM-R's own table of normalisations is NFKC but for these code points, compared over all of Unicode: control
#: characters vanish, odd white space becomes a blank, and the full-width tilde stays as it is.
VANISHING = r"[\x{01}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}\x{8F}\x{9F}]"
BLANK = r"[\x{09}\x{0A}\x{0C}\x{0D}\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"
WIDE_TILDE = "～"
KEPT_THROUGH_NFKC = "\ue000"  # a private code point that stands for the tilde while NFKC runs


def normaliser() -> normalizers.Normalizer:
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(VANISHING), ""),
            normalizers.Replace(Regex(BLANK), " "),
            normalizers.Replace(WIDE_TILDE, KEPT_THROUGH_NFKC),
            normalizers.NFKC(),
            normalizers.Replace(KEPT_THROUGH_NFKC, WIDE_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )


def build(pieces: Pieces, kept: Sequence[int]) -> Tokenizer:
    """The tokenizer whose ids are places in `kept`."""
    new_id = {old: new for new, old in enumerate(kept)}
    vocabulary = [(pieces.texts[old], pieces.scores[old]) for old in kept]
    bos, eos = pieces.texts[pieces.bos], pieces.texts[pieces.eos]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=new_id[pieces.unk], byte_fallback=False))
    tokenizer.normalizer = normaliser()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, new_id[pieces.bos]), (eos, new_id[pieces.eos])],
    )
    return tokenizer
