"""Hypothesis against the engine: whatever happens in whatever order, the guarantees hold."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine

from tests.sync import film
from tests.sync.world import CLOCKS, FATES, PLACES, ROLES, World


def upto(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most - 1)


WHO, WHICH, FOUR = upto(len(PLACES)), upto(8), upto(4)
CLOCK, FATE, SOMETIMES = upto(len(CLOCKS)), upto(len(FATES)), upto(4).map(lambda n: n == 3)
QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """Hypothesis draws the numbers; the world does the rest."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.world = World(film.begin(self.engine))

    @rule(who=WHO, kind=upto(2), value=upto(3), shared=st.booleans(), clock=CLOCK)
    def create(self, who: int, kind: int, value: int, shared: bool, clock: int) -> None:
        self.world.create(who, kind, value, shared, clock)

    @rule(who=WHO, which=WHICH, what=FOUR, value=FOUR, clock=CLOCK)
    def edit(self, who: int, which: int, what: int, value: int, clock: int) -> None:
        self.world.edit(who, which, what, value, clock)

    @rule(who=WHO, which=WHICH, clock=CLOCK)
    def remove(self, who: int, which: int, clock: int) -> None:
        self.world.remove(who, which, clock)

    @rule(who=WHO, which=WHICH, what=FOUR, value=FOUR, clock=CLOCK)
    def group(self, who: int, which: int, what: int, value: int, clock: int) -> None:
        self.world.group(who, which, what, value, clock)

    @rule(who=WHO, count=upto(7), fate=FATE, clock=CLOCK)
    def exchange(self, who: int, count: int, fate: int, clock: int) -> None:
        self.world.exchange(who, count, fate, clock)

    @rule(who=WHO, which=WHICH)
    def land(self, who: int, which: int) -> None:
        self.world.land(who, which)

    @rule(who=WHO, everything=SOMETIMES)
    def evict(self, who: int, everything: bool) -> None:
        self.world.evict(who, everything)

    @rule(person=FOUR, role=upto(len(ROLES)))
    def cast(self, person: int, role: int) -> None:
        self.world.cast(person, role)

    @rule(which=WHICH, value=FOUR)
    def transfer(self, which: int, value: int) -> None:
        self.world.transfer(which, value)

    @rule()
    def back_up(self) -> None:
        self.world.back_up()

    @rule()
    def restore(self) -> None:
        self.world.restore()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.check()


def test_the_guarantees_hold_whatever_happens(database: Engine) -> None:
    class Here(Machine):
        engine = database

    examples = 50 if database.dialect.name == "sqlite" else 8
    how = settings(QUICK, max_examples=examples, stateful_step_count=50)
    run_state_machine_as_test(Here, settings=how)
