"""One draft against the one before: which scenes are the same, which moved, which words changed."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from poc.bring import name_of
from poc.script.lengths import joined, laid_out
from poc.script.reading import Scene

MOST_COMPARED = 600  # paragraphs of one scene
LONGEST_CHANGE = 20_000
RARE = 4  # a paragraph in more scenes than this tells none of them from another


@dataclass(frozen=True)
class Former:
    """A scene as the draft before has it; `scene` is the record that both drafts speak of."""

    scene: str
    number: str
    heading: str
    eighths: int
    omitted: bool
    words: str
    text: str


def meet(
    scenes: Sequence[Scene], former: Sequence[Former], known: Iterable[tuple[str, str]]
) -> list[str]:
    """Give every scene its record: by number, else by heading, else by the words they share.

    `known` are the numbers and ids of all scenes of the production, the schedule's among them.
    """
    found: dict[int, str] = {}
    by_number = _queues((number.casefold(), scene) for number, scene in known if number)
    for place, scene in enumerate(scenes):
        _take(found, place, by_number.get(scene.number.casefold()))
    left = [one for one in former if one.scene not in found.values()]
    by_heading = _queues((one.heading.casefold(), one.scene) for one in left if not one.number)
    for place, scene in enumerate(scenes):
        if place not in found:
            _take(found, place, by_heading.get(scene.heading.casefold()))
    _by_words(scenes, [one for one in left if one.scene not in found.values()], found)
    return _named(scenes, found)


def _queues(pairs: Iterable[tuple[str, str]]) -> dict[str, deque[str]]:
    queues: dict[str, deque[str]] = defaultdict(deque)
    for key, scene in pairs:
        queues[key].append(scene)
    return queues


def _take(found: dict[int, str], place: int, queue: deque[str] | None) -> None:
    if queue:
        found[place] = queue.popleft()


def _by_words(scenes: Sequence[Scene], left: list[Former], found: dict[int, str]) -> None:
    """Let a scene that was renumbered meet itself, when most of its paragraphs are the same."""
    where: dict[str, list[int]] = defaultdict(list)
    sizes = [len(kept) for kept in map(_paragraphs, left)]
    for n, one in enumerate(left):
        for paragraph in _paragraphs(one):
            where[paragraph].append(n)
    for place, scene in enumerate(scenes):
        if place in found or not left:
            continue
        mine = set(joined(laid_out(scene.paragraphs)))
        votes = Counter(n for p in mine for n in where.get(p, ()) if len(where[p]) <= RARE)
        for n, shared in votes.most_common(1):
            if 2 * shared > max(len(mine), sizes[n]) and left[n].scene not in found.values():
                found[place] = left[n].scene


def _paragraphs(one: Former) -> set[str]:
    return set(joined(one.text.split("\n")))


def _named(scenes: Sequence[Scene], found: dict[int, str]) -> list[str]:
    taken = set(found.values())
    ids = []
    for place, scene in enumerate(scenes):
        if place not in found:
            own = (scene.number,) if scene.number else ("script", scene.heading)
            found[place] = _free(own, taken)
            taken.add(found[place])
        ids.append(found[place])
    return ids


def _free(own: tuple[str, ...], taken: set[str]) -> str:
    """The name the schedule gives the number too; with a count when it stands twice."""
    again, scene = 1, name_of("scene", *own)
    while scene in taken:
        again += 1
        scene = name_of("scene", *own, str(again))
    return scene


def moved(ids: Sequence[str], former: Sequence[Former]) -> set[str]:
    """The fewest scenes that must have moved to bring the old order into the new one."""
    order = {one.scene: n for n, one in enumerate(former)}
    places = [(order[scene], scene) for scene in ids if scene in order]
    tails: list[int] = []
    lengths = []
    for place, _ in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
        lengths.append(at + 1)
    stay, wanted = set(), len(tails)
    for (_, scene), length in zip(reversed(places), reversed(lengths), strict=True):
        if length == wanted:
            stay.add(scene)
            wanted -= 1
    return {scene for _, scene in places} - stay


def changed(old: str, new: str) -> str:
    """What was taken out and put in, a paragraph a line."""
    before, after = joined(old.split("\n")), joined(new.split("\n"))
    if max(len(before), len(after)) > MOST_COMPARED:
        return "The whole scene was rewritten."
    lines: list[str] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            lines += [f"- {line}" for line in before[a:b]] + [f"+ {line}" for line in after[c:d]]
    return "\n".join(lines)[:LONGEST_CHANGE]
