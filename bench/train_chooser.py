"""Learn the chooser's two forests from pages whose article is known, and say how well they read pages of other publishers.

Takes   a folder with truth.jsonl, pages/<id>.html.gz and score.py (as ../shared/extraction); lightgbm and numpy in the Python
        that runs this (`pip install lightgbm`): the project itself needs neither.
Gives   on stdout the mean F1 by cross-validation over publishers, and that of the forests on the pages they learned from.
Writes  archive/clean/chooser/first.txt and second.txt, unless --dry-run.

    python bench/train_chooser.py ../shared/extraction --folds 6

Each page is learned from twice: as it is, and altered as pages of other kinds are (VARIANTS), at half the weight.

A block is right where taking it raises the F1 of the page. Weights are letters as a share of their article, so that each page
counts alike. The second forest learns from chances that the first gave to publishers that it had not seen. One thread, fixed
seeds: the same pages give the same forests.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import lightgbm  # type: ignore[import-not-found]
import numpy as np  # type: ignore[import-not-found]
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archive.clean import Rules, extract, open_page, read_page  # noqa: E402
from archive.clean.blocks import read_blocks  # noqa: E402
from archive.clean.chooser import CLEAR, Sheet  # noqa: E402
from archive.clean.chooser.features import CONTEXT, NAMES, context_rows, first_rows  # noqa: E402
from archive.clean.structure import part_paragraphs  # noqa: E402

MODELS = ROOT / "archive" / "clean" / "chooser"
INNER_FOLDS = 4
TREES = 80
NEAR = 8  # blocks on each side, for how much of the article stands around one
SHINGLE = 4  # tokens; blocks with fewer are right where they stand beside a right one, and the truth has them there too
WEIGHT_MAX, WEIGHT_LETTERS = 0.3, 8
SETTINGS = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 20, "feature_fraction": 0.5,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5, "max_bin": 63, "seed": 1, "verbose": -1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1,
}  # fmt: skip


VARIANTS = ("unnamed", "broken", "short", "empty")  # see altered
VARIANT_WEIGHT = 0.5
SHORT_BLOCKS = 2  # right blocks left in a short article
SIBLINGS = 3  # so many paragraphs side by side become lines


@dataclass(slots=True)
class Example:
    """One page: its truth, its sheet, its rows (numbers: of the blocks that have one), which blocks are right."""

    truth: dict[str, Any]
    sheet: Sheet
    rows: list[list[float] | None]
    right: frozenset[int]
    numbers: list[int] = field(default_factory=list)
    weight: float = 1.0

    @property
    def publisher(self) -> str:
        return str(self.truth.get("publisher") or self.truth["id"])


def main() -> None:
    """Read the options, learn, report."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("--folds", type=int, default=0, help="cross-validate over so many parts (default: not at all)")
    options.add_argument("--seed", type=int, default=0, help="which publishers come together")
    options.add_argument("--dry-run", action="store_true")
    given = options.parse_args()
    score = score_of(given.corpus)
    examples, others = [], []
    for number, truth in enumerate(truths_of(given.corpus)):
        payload = gzip.decompress((given.corpus / "pages" / f"{truth['id']}.html.gz").read_bytes())
        examples.append(example_of(truth, payload, score))
        others.append(altered(examples[-1], payload, VARIANTS[number % len(VARIANTS)], score))
    if given.folds:
        found = {}
        for part in parts_of(examples, given.folds, given.seed):
            unseen = {one.publisher for one in part}
            first, second = learn([one for one in (*examples, *others) if one.publisher not in unseen], given.seed)
            found.update({one.truth["id"]: f1_of(one, chances(one, first, second), score) for one in part})
        report(f"by cross-validation over publishers, {given.folds} parts", examples, found)
    first, second = learn([*examples, *others], given.seed)
    report(
        "on the pages learned from",
        examples,
        {one.truth["id"]: f1_of(one, chances(one, first, second), score) for one in examples},
    )
    if not given.dry_run:
        (MODELS / "first.txt").write_text(written(first, NAMES), encoding="ascii")
        (MODELS / "second.txt").write_text(written(second, (*NAMES, *CONTEXT)), encoding="ascii")


def truths_of(corpus: Path) -> list[dict[str, Any]]:
    """Read what is known of each page."""
    return [json.loads(line) for line in (corpus / "truth.jsonl").open(encoding="utf-8")]


def score_of(corpus: Path) -> Any:
    """Load the corpus' own measure."""
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{corpus} has no score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def example_of(truth: dict[str, Any], payload: bytes, score: Any) -> Example:
    """Lay a page out just as the cleaner does, and label its blocks."""
    sheet = sheet_of(payload, truth["url"] or "")
    rows = first_rows(sheet)
    right = labels_of([shown(block.text) for block in sheet.blocks], truth["text"], truth["lang"], score)
    return Example(truth, sheet, rows, right, [number for number, row in enumerate(rows) if row is not None])


def shown(text: str) -> str:
    """Take out of a block's text what repair takes out of the article's: soft hyphens part words that the truth has whole."""
    return text.replace("\xad", "")


class LaidOut(Exception):  # noqa: N818  it carries a result out of the cleaner
    """The sheet of a page, before any forest is asked."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet


def sheet_of(payload: bytes, url: str) -> Sheet:
    """Take the sheet that the cleaner makes of a page."""
    lay_out = extract.lay_out

    def stop(page: Any, found: Any, titles: Any) -> Sheet:
        raise LaidOut(lay_out(page, found, titles))

    extract.lay_out = stop
    try:
        read_page(payload, url=url, content_type="", rules=Rules())
    except LaidOut as laid:
        return laid.sheet
    finally:
        extract.lay_out = lay_out
    raise SystemExit(f"{url}: no page")


def altered(one: Example, payload: bytes, kind: str, score: Any) -> Example:
    """Make of a page one that differs as pages do: its elements have no names (unnamed), its paragraphs are lines of one element
    (broken), its article has two paragraphs (short) or is not there (empty)."""
    root = open_page(payload, "", "").root
    blocks = read_blocks(root).blocks
    right = [number for number in sorted(one.right) if number < len(blocks)]
    text = one.truth["text"]
    if kind == "unnamed":
        for element in root.iter():
            for name in ("class", "id", "itemprop"):
                element.attrib.pop(name, None)
    elif kind == "broken":
        beside = [
            one
            for one in root.iter("p")
            if one.getparent() is not None and len(one.getparent().findall("p")) >= SIBLINGS
        ]
        for element in beside:
            parent = element.getparent()
            end = root.makeelement("br")
            end.tail, element.tail, element.tag = element.tail, None, "span"
            parent.insert(parent.index(element) + 1, end)
    else:
        left = right[:SHORT_BLOCKS] if kind == "short" else []
        text = "\n".join(blocks[number].text for number in left)
        stays = {
            above for number in left for above in (blocks[number].element, *blocks[number].element.iterancestors())
        }
        for number in right[len(left) :]:
            element = blocks[number].element
            if element not in stays and element.tag not in ("body", "html") and element.getparent() is not None:
                element.clear(keep_tail=True)
    truth = {**one.truth, "text": text}
    made = example_of(truth, etree.tostring(root, encoding="utf-8", method="html"), score)
    made.weight = VARIANT_WEIGHT
    return made


def labels_of(texts: Sequence[str], truth: str, language: str, score: Any) -> frozenset[int]:
    """Find the blocks that together have the best F1: greedily, first what stands where most of the article does."""
    wanted = score.shingles(truth, language)
    pieces = [score.shingles(text, language) for text in texts]
    sizes = [sum(one.values()) for one in pieces]
    short = [len(score.tokens(text, language)) < SHINGLE for text in texts]
    hits = [sum((one & wanted).values()) for one in pieces]
    around = [sum(hits[max(0, number - NEAR) : number + NEAR + 1]) for number in range(len(texts))]
    order = sorted(
        (number for number, hit in enumerate(hits) if hit and not short[number]),
        key=lambda n: (-around[n] * (2 * hits[n] >= sizes[n]), -hits[n] / sizes[n], n),
    )
    kept: set[int] = set()
    have: Counter[tuple[str, ...]] = Counter()
    common = total = 0
    whole = sum(wanted.values())
    for number in [*order, *order]:  # the second time what later blocks made needless goes
        if number in kept:
            have.subtract(pieces[number])
        gain = sum(
            min(wanted[one], have[one] + count) - min(wanted[one], have[one]) for one, count in pieces[number].items()
        )
        if number in kept:
            common, total = common - gain, total - sizes[number]
            kept.discard(number)
        if 2 * (common + gain) * (total + whole) > 2 * common * (total + sizes[number] + whole):
            kept.add(number)
            have.update(pieces[number])
            common, total = common + gain, total + sizes[number]
    return frozenset(kept | short_ones(kept, texts, truth, language, score, short))


def short_ones(
    kept: set[int], texts: Sequence[str], truth: str, language: str, score: Any, short: Sequence[bool]
) -> set[int]:
    """Find the blocks of fewer tokens than a shingle that the truth has beside a right one."""
    joint = "" if language in score.CHAR_LANGS else " "
    whole = joint + joint.join(score.tokens(truth, language)) + joint
    found = set()
    for number in (number for number, is_short in enumerate(short) if is_short):
        own = score.tokens(texts[number], language)
        after = next((n for n in range(number + 1, min(len(texts), number + 4)) if n in kept), None)
        before = next((n for n in range(number - 1, max(-1, number - 4), -1) if n in kept), None)
        beside = [own + score.tokens(texts[after], language)[:3]] if after is not None else []
        beside += [score.tokens(texts[before], language)[-3:] + own] if before is not None else []
        if own and any(joint + joint.join(one) + joint in whole for one in beside):
            found.add(number)
    return found


def parts_of(examples: Sequence[Example], count: int, seed: int) -> list[list[Example]]:
    """Part the pages by publisher, into parts of about the same size."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for one in examples:
        groups[one.publisher].append(one)
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    parts: list[list[Example]] = [[] for _ in range(count)]
    for name in sorted(names, key=lambda name: -len(groups[name])):
        min(parts, key=len).extend(groups[name])
    return parts


def learn(examples: Sequence[Example], seed: int) -> tuple[Any, Any]:
    """Learn both forests."""
    plain = {id(one): np.array([one.rows[number] for number in one.numbers]) for one in examples}
    begun: dict[int, Any] = {}
    for part in parts_of(examples, INNER_FOLDS, seed + 100):
        inside = {id(one) for one in part}
        forest = grown([one for one in examples if id(one) not in inside], plain)
        begun.update({id(one): forest.predict(plain[id(one)]) for one in part})
    joined = {id(one): with_context(one, plain[id(one)], begun[id(one)]) for one in examples}
    return grown(examples, plain), grown(examples, joined)


def with_context(one: Example, rows: Any, chances: Any) -> Any:
    """Put behind each row what the chances of the page say of it."""
    every = [0.0] * len(one.rows)
    for number, chance in zip(one.numbers, chances, strict=True):
        every[number] = float(chance)
    return np.hstack([rows, np.array(context_rows(one.sheet, every, one.numbers))])


def grown(examples: Sequence[Example], rows: dict[int, Any]) -> Any:
    """Grow one forest."""
    right = [[float(number in one.right) for number in one.numbers] for one in examples]
    data = lightgbm.Dataset(
        np.concatenate([rows[id(one)] for one in examples]),
        np.concatenate(right),
        weight=np.concatenate([weights_of(one) for one in examples]),
    )
    return lightgbm.train(SETTINGS, data, TREES)


def weights_of(one: Example) -> Any:
    """Weigh each block by its letters, as a share of those of the article."""
    letters = np.array([len(one.sheet.letters[number]) for number in one.numbers], dtype=float)
    whole = sum(len(one.sheet.letters[number]) for number in one.right) or one.sheet.all_plain
    return np.minimum(WEIGHT_MAX, (letters + WEIGHT_LETTERS) / whole) * 30 * one.weight


def chances(one: Example, first: Any, second: Any) -> list[float]:
    """Ask both forests, as archive.clean.chooser does."""
    rows = np.array([one.rows[number] for number in one.numbers])
    begun = first.predict(rows)
    found = [0.0] * len(one.rows)
    answers = second.predict(with_context(one, rows, begun))
    for number, chance, answer in zip(one.numbers, begun, answers, strict=True):
        found[number] = float(answer) if chance >= CLEAR else 0.0
    return found


def f1_of(one: Example, found: Sequence[float], score: Any) -> float:
    """Measure the text that the chances lead to."""
    kept = extract.choose(one.sheet, found)
    text = "\n".join(part_paragraphs([shown(one.sheet.blocks[number].text) for number in kept]).text)
    return float(score.prf(one.truth["text"], text, one.truth["lang"])[2])


def report(title: str, examples: Sequence[Example], found: dict[str, float]) -> None:
    """Print the means, and the worst pages."""
    by: dict[str, list[float]] = defaultdict(list)
    for one in examples:
        by[one.truth["lang"]].append(found[one.truth["id"]])
    print(f"{title}: {mean(found.values()):.4f}, below 0.5: {sum(f1 < 0.5 for f1 in found.values())} of {len(found)}")
    print("  " + "  ".join(f"{lang} {mean(by[lang]):.3f}" for lang in sorted(by, key=lambda lang: -len(by[lang]))))
    print(
        "  worst: " + "  ".join(f"{name} {f1:.3f}" for name, f1 in sorted(found.items(), key=lambda x: x[1])[:16]),
        flush=True,
    )


def written(forest: Any, names: Sequence[str]) -> str:
    """Write a forest as archive.clean.chooser.forest reads it: only the names that it asks for, then a tree a line."""
    trees = [one["tree_structure"] for one in forest.dump_model()["tree_info"]]
    used = sorted({column for tree in trees for column in columns_of(tree)})
    places = {column: place for place, column in enumerate(used)}
    return "\n".join([" ".join(names[column] for column in used), *(walk(tree, places) for tree in trees), ""])


def columns_of(node: dict[str, Any]) -> set[int]:
    """Give the columns that a tree asks for."""
    if "leaf_value" in node:
        return set()
    return {node["split_feature"], *columns_of(node["left_child"]), *columns_of(node["right_child"])}


def walk(node: dict[str, Any], places: dict[int, int]) -> str:
    """Write one tree in the order of a walk."""
    if "leaf_value" in node:
        return f"{node['leaf_value']:.5g}"
    asked = f"{places[node['split_feature']]}<={node['threshold']:.7g}"
    return f"{asked} {walk(node['left_child'], places)} {walk(node['right_child'], places)}"


if __name__ == "__main__":
    main()
