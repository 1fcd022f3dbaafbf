"""Ids that tell: thieves whose accounts were numbered apart, or whose ids look otherwise than those of customers."""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from fraudshield.expression.column import Column
from fraudshield.predictor.columns import Booleans
from model.leak.alone import tells_alone

NUMBER = re.compile(r"^(\D*)(\d{1,18})(\D*)$", re.ASCII)
RANGES = 50
LIFT = 8.0  # times the usual share of fraud: ids that were given out by chance come nowhere near
CAUGHT = 0.15
FEWEST = 15
FEWEST_IDS = 40  # different ones among them: a handful of ids is what thieves really have
Found = tuple[str, str]


def id_ranges(name: str, column: Column, fraud: Booleans) -> Iterator[Found]:
    """The leak that an id is, if its number, its shape, or its being there at all tells most frauds."""
    texts = column.values.tolist()
    present = np.fromiter((one is not None for one in texts), np.bool_, len(texts))
    yield from tells_alone(name, present, fraud)
    known = {text: _shape(text) for text in dict.fromkeys(texts) if text is not None}
    usual = Counter(shape for shape, _ in known.values()).most_common(RANGES)
    shapes = {shape: at for at, (shape, _) in enumerate(usual)}
    shape = np.fromiter((shapes.get(known[t][0], -1) if t is not None else -2 for t in texts), np.int64, len(texts))
    number = np.fromiter((known[t][1] if t is not None else -1 for t in texts), np.float64, len(texts))
    ids = np.unique(np.array([one for _, one in known.values()]))
    edges = np.unique(np.quantile(ids, np.arange(1, RANGES) / RANGES)) if len(ids) else ids
    for of, says in ((shape, "look alike"), (np.searchsorted(edges, number, "left"), "are numbered apart")):
        yield from _told(name, of, texts, fraud, says)


def _shape(text: str) -> tuple[str, float]:
    """What is not a digit, and how many digits; and the number, -1 where there is none."""
    found = NUMBER.match(text)
    return re.sub(r"\d", "9", text, flags=re.ASCII)[:40], float(found[2]) if found else -1.0


def _told(name: str, of: "np.ndarray", texts: list[str | None], fraud: Booleans, says: str) -> Iterator[Found]:
    codes = np.unique(of, return_inverse=True)[1]
    rows = np.bincount(codes)
    frauds = np.bincount(codes, weights=fraud, minlength=len(rows))
    usual, total = fraud.mean(), int(fraud.sum())
    some = np.flatnonzero((frauds >= LIFT * usual * rows) & (frauds > 0))
    caught, among = int(frauds[some].sum()), int(rows[some].sum())
    if caught < max(FEWEST, CAUGHT * total) or among == len(texts):
        return
    which = np.isin(codes, some)
    ids = {texts[at] for at in np.flatnonzero(which & fraud).tolist()}
    if len(ids) < FEWEST_IDS and caught > 3 * len(ids):
        return  # few devices with many frauds each: that is no matter of how they are numbered
    yield (
        f"id_range:{name}",
        f"{caught / total:.0%} of the frauds have a {name} whose ids {says}, as {min(i for i in ids if i)} does, and "
        f"{caught / among:.0%} of the payments with such ids are fraud ({usual:.2%} of all): give ids out by chance",
    )
