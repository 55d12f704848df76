"""Draws how far the confidence can be trusted: risk against coverage, and what was promised against what came true."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import CannotStart
from knowledge_base.evaluate import Judged, curve

Numbers = NDArray[np.float64]

BINS = 10
SMALLEST_BIN = 0.002
"""A bin with less of the traffic than this says nothing: two questions can make it 0 or 1."""
CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Microsoft YaHei", "PingFang SC", "Heiti SC", "SimHei",
)  # fmt: skip
WORDS = {
    "zh": {
        "risk": "风险—覆盖率", "coverage": "覆盖率：机器人自行回答的流量占比", "wrong": "风险：所答之中答错的占比",
        "reliability": "可靠性", "promised": "给出的把握", "kept": "实际答对的占比", "share": "流量占比",
        "now": "当前策略", "ideal": "完全校准", "error": "校准误差 {:.3f}",
    },
    "en": {
        "risk": "Risk and coverage", "coverage": "coverage: traffic answered alone",
        "wrong": "risk: wrong answers among these", "reliability": "Reliability", "promised": "probability given",
        "kept": "share that was right", "share": "share of traffic", "now": "shipped policy",
        "ideal": "perfectly calibrated", "error": "calibration error {:.3f}",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Bin:
    """Questions with a like probability: the mean of it, how many of them were right, their share of the traffic."""

    promised: float
    kept: float
    share: float


def reliability(judged: Judged) -> list[Bin]:
    probability, right, weights = judged.probability, judged.right, judged.weights
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        inside = place == number
        share = float(weights[inside].sum())
        if share > 0:
            promised = float((weights * probability)[inside].sum() / share)
            bins.append(Bin(promised, float((weights * right)[inside].sum() / share), share))
    return bins


def calibration_error(bins: list[Bin]) -> float:
    """The mean distance between what was promised and what came true, over the traffic."""
    return sum(one.share * abs(one.promised - one.kept) for one in bins)


def check(path: Path) -> None:
    """`CannotStart` if the picture could not be written: before a run of minutes, not after it."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise CannotStart("画图需要 matplotlib：pip install 'jieli[dev]'") from error
    if path.suffix.lower() != ".png":
        raise CannotStart(f"--plot 只写 PNG 文件，而不是 {path.name}")
    if path.is_dir() or not path.parent.is_dir():
        raise CannotStart(f"--plot 的目录不存在：{path.parent}")


def draw(path: Path, judged: Judged, figures: Mapping[str, Any]) -> None:
    """Two panels as PNG. `figures` are those of the table: the marks in the picture are the numbers told."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure  # without pyplot: no window system is touched
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    chinese = next((name for name in CHINESE_FONTS if name in installed), None)
    words = WORDS["zh" if chinese else "en"]  # without such a font Chinese would be boxes
    with rc_context({"font.sans-serif": [*([chinese] if chinese else []), "DejaVu Sans"], "axes.unicode_minus": False}):
        figure = Figure(figsize=(11, 4.8), layout="constrained")
        left, right_side = figure.subplots(1, 2)
        _risk(left, *curve(judged), figures, words)
        _reliability(right_side, reliability(judged), words)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=120)
    path.write_bytes(picture.getvalue())


def _risk(axes: Any, coverage: Numbers, risk: Numbers, figures: Mapping[str, Any], words: Mapping[str, str]) -> None:
    axes.plot(coverage, risk, color="#1f5fa8", linewidth=1.8, drawstyle="steps-post")
    for wanted, name in ((0.05, "coverage_p95"), (0.10, "coverage_p90")):
        reached = figures[name]
        axes.axhline(wanted, color="#888888", linewidth=0.8, linestyle="--")
        axes.plot([reached], [wanted], "o", color="#1f5fa8")
        axes.annotate(f"{wanted:.0%} → {reached:.2f}", (reached, wanted), (8, -15), textcoords="offset points")
    if figures["answered_precision"] is not None:
        at = figures["answered"], 1 - figures["answered_precision"]
        told = f"{words['now']} {at[0]:.2f} / {at[1]:.1%}"
        axes.plot([at[0]], [at[1]], "D", color="#c2410c", markersize=7, label=told)
        axes.legend(loc="upper left", frameon=False)
    axes.set(title=words["risk"], xlabel=words["coverage"], ylabel=words["wrong"], xlim=(0, 1))
    axes.set_ylim(0, max(0.25, float(risk.max(initial=0)) * 1.05))
    axes.grid(alpha=0.25)


def _reliability(axes: Any, bins: list[Bin], words: Mapping[str, str]) -> None:
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=0.8, linestyle="--", label=words["ideal"])
    told = [one for one in bins if one.share >= SMALLEST_BIN]
    label = words["error"].format(calibration_error(bins))
    axes.plot([one.promised for one in told], [one.kept for one in told], "o-", color="#1f5fa8", label=label)
    axes.bar([one.promised for one in bins], [one.share for one in bins], width=0.05, color="#1f5fa8", alpha=0.2,
             label=words["share"])  # fmt: skip
    axes.set(title=words["reliability"], xlabel=words["promised"], ylabel=words["kept"], xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left", frameon=False)
    axes.grid(alpha=0.25)
