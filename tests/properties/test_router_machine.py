"""The invariants of routing, held after every step of whatever Hypothesis can think of."""

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from acd import events as ev
from tests.conversation import ready
from tests.properties.centres import some_centre
from tests.properties.trial import Trial
from tests.properties.world import World


class Thrown:
    """Dice thrown by Hypothesis: a byte a throw; when they are used up, the first of every choice."""

    def __init__(self, throws: bytes) -> None:
        self._throws = iter(throws)

    def upto(self, n: int) -> int:
        return next(self._throws, 0) % (n + 1)


DICE = st.binary(min_size=18, max_size=18).map(Thrown)
MANY_DICE = st.binary(max_size=150).map(Thrown)


class RouterMachine(RuleBasedStateMachine):
    """A router, a naive model of it, and a hostile world. What failed is noted as a list of events."""

    @initialize(dice=MANY_DICE, before_dawn=st.booleans())
    def open(self, dice: Thrown, before_dawn: bool) -> None:
        """Some begin with nobody there and no PBX, most in the middle of a working day."""
        rules = some_centre(dice)
        note(f"with {rules}")
        self.trial, self.world = Trial(rules), World(dice, rules)
        for event in [] if before_dawn else [ev.PbxFound(), *ready("ann", "cy", "ed")]:
            self.say(event, 0)

    def say(self, event: ev.Event, now: int) -> None:
        note(f"at {now}: {event}")
        self.world.seen(self.trial.say(event, now))

    def happen(self, dice: Thrown, plot: str) -> None:
        self.world.dice = dice
        now = self.world.instant(self.trial.now, self.trial.prompt.next_deadline())
        self.say(getattr(self.world, plot)(now), now)

    @rule(dice=DICE)
    def a_call(self, dice: Thrown) -> None:
        self.happen(dice, "call")

    @rule(dice=DICE)
    def a_call_told_again(self, dice: Thrown) -> None:
        self.happen(dice, "call_again")

    @rule(dice=DICE)
    def a_caller_leaves(self, dice: Thrown) -> None:
        self.happen(dice, "leave")

    @rule(dice=DICE)
    def an_answer(self, dice: Thrown) -> None:
        self.happen(dice, "answer")

    @rule(dice=DICE)
    def a_failure(self, dice: Thrown) -> None:
        self.happen(dice, "failure")

    @rule(dice=DICE)
    def a_phone_leaves(self, dice: Thrown) -> None:
        self.happen(dice, "phone")

    @rule(dice=DICE)
    def a_phone_becomes_busy_or_free(self, dice: Thrown) -> None:
        self.happen(dice, "condition")

    @rule(dice=DICE)
    def good_work(self, dice: Thrown) -> None:
        self.happen(dice, "work")

    @rule(dice=DICE)
    def a_word(self, dice: Thrown) -> None:
        self.happen(dice, "word")

    @rule(dice=DICE)
    def a_forced_word(self, dice: Thrown) -> None:
        self.happen(dice, "forced")

    @rule(dice=DICE)
    def a_call_sent_arrives_or_not(self, dice: Thrown) -> None:
        self.happen(dice, "sending")

    @rule(dice=DICE)
    def something_is_asked_about_a_talk(self, dice: Thrown) -> None:
        self.happen(dice, "talk")

    @rule(dice=DICE)
    def something_more_is_asked_about_a_talk(self, dice: Thrown) -> None:
        """Twice as often as other things: a consult takes some words to become a transfer."""
        self.happen(dice, "talk")

    @rule(dice=DICE)
    def a_number_answers_or_not(self, dice: Thrown) -> None:
        self.happen(dice, "number")

    @rule(dice=DICE)
    def a_supervisor_watches(self, dice: Thrown) -> None:
        self.happen(dice, "watch")

    @rule(dice=DICE)
    def a_supervisors_phone_does_something(self, dice: Thrown) -> None:
        self.happen(dice, "monitor")

    @rule(dice=DICE)
    def a_recording_begins_or_not(self, dice: Thrown) -> None:
        self.happen(dice, "recording")

    @rule(dice=DICE)
    def a_talk_is_found(self, dice: Thrown) -> None:
        self.happen(dice, "find")

    @rule(dice=DICE)
    def a_callback_is_accepted(self, dice: Thrown) -> None:
        self.happen(dice, "callback")

    @rule(dice=DICE)
    def a_call_is_moved(self, dice: Thrown) -> None:
        self.happen(dice, "moved")

    @rule(dice=DICE)
    def the_rules_change(self, dice: Thrown) -> None:
        self.happen(dice, "reload")

    @rule(dice=DICE)
    def the_pbx_comes_or_goes(self, dice: Thrown) -> None:
        self.happen(dice, "link")

    @rule(dice=DICE)
    def time_passes(self, dice: Thrown) -> None:
        self.happen(dice, "time")

    @rule(dice=DICE)
    def anything(self, dice: Thrown) -> None:
        self.happen(dice, "draw")

    @rule(share=st.floats(0, 1))
    def time_is_told_early(self, share: float) -> None:
        """At any instant before something is due."""
        due = self.trial.prompt.next_deadline()
        spare = 10_000 if due is None else due - self.trial.now - 1
        if spare >= 0:
            self.trial.early(self.trial.now + int(spare * share))

    def teardown(self) -> None:
        """The same events again, to a new router: the same answers."""
        if hasattr(self, "trial"):
            self.trial.replay()


TestRouterMachine = RouterMachine.TestCase
