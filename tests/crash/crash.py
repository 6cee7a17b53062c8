"""crash.py: pulls the plug on real runs and demands that nothing was lost and nothing bought twice.

Settings: CRASH_KILLS (default 100), CRASH_SEED."""
import concurrent.futures
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plug import RUN, WORKFLOW, Story, compare, effects, never_happened, with_waves, world  # noqa: E402
from wfrun import WFRUN, Sandbox, Tap, main, scratch  # noqa: E402

KILLS = int(os.environ.get("CRASH_KILLS", "100"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
KILLS_PER_RUN = 10


def stories(folder):
    """Name, what the sandbox begins with, commands."""
    waves = with_waves(folder, '[1, "100%"]', "pause")
    return [
        ("a run", "small", [(RUN, 3)]),
        ("a plan that is applied", "2x2", [(["plan", WORKFLOW, "--out", "{plan}"], 0), (["apply", "{plan}"], 0)]),
        ("a run that needs an approval", "2x2",
         [([*RUN, "--approval", "spend"], 6), (["approve", "{run}"], 0), (["resume", "{run}"], 0)]),
        ("a gate between waves", "3x2", [(["run", waves], 6), (["resume", "{run}"], 0)]),
        ("a rollback", "2x2", [(RUN, 0), (["rollback", "{run}", "--yes"], 0)]),
    ]


class Whole:
    """How the story ends when nothing stops it."""

    def __init__(self, folder, seed, commands):
        with Sandbox("--seed", seed, "--faults", "none") as box:
            story = Story(folder, box, commands)
            self.found = story.tell()[1] + never_happened(box.counts())
            self.outputs, self.effects, self.world = story.outputs, effects(box.counts()), world(box)

    def differs(self, story, box):
        return (compare("outputs", story.outputs, self.outputs) + compare("the ledger", effects(box.counts()), self.effects)
                + compare("the sandbox's state", world(box), self.world) + never_happened(box.counts()))


def stop_once(folder, seed, commands, whole, stop):
    """Whether the story was stopped there at all, and what was wrong then."""
    with Sandbox("--seed", seed, "--faults", "none") as box:
        story = Story(os.path.join(folder, "-".join(map(str, stop))), box, commands)
        stopped, found = story.tell(stop)
        return stopped, found or whole.differs(story, box)


def stop_after_every_record(tap, folder, name, seed, commands):
    whole = Whole(os.path.join(folder, "whole"), seed, commands)
    tap.case(f"{name}: it ends well when nothing stops it", whole.found)
    side = os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(side) as workers:
        for at, (arguments, _) in enumerate(commands if not whole.found else []):
            if arguments[0] in ("plan", "approve"):  # no run of theirs is in the journal
                continue
            more, first = True, 1
            while more:
                batch = range(first, first + side)
                ends = workers.map(lambda n: stop_once(folder, seed, commands, whole, (at, n)), batch)
                for record, (stopped, found) in zip(batch, ends):
                    if stopped:
                        tap.case(f"{name}: `{arguments[0]}` stopped after record {record}: the same end", found)
                    elif more:
                        few = [] if record > 3 else ["it has hardly any records"]
                        tap.case(f"{name}: all {record - 1} records of `{arguments[0]}` were stopped after", found + few)
                        more = False
                first += side


def left_over(story, box):
    """Each customer has a row; what the run says it moved is suspended; what a hostile world made it leave (a fault that came
    twice in a row) has a reason, and running again in a quiet world does it. Findings."""
    rows = [row for output in story.outputs for row in output["customers"]]
    left = [row for row in rows if row["status"] != "moved"]
    found = [f"without a reason: {show(row)}" for row in left if not row["reason"]]
    if len(rows) != 5 or len(left) > 2 or box.counts()["suspensions"] < len(rows) - len(left):
        found.append(f"{len(rows)} customers, {len(left)} left, {effects(box.counts())}: {show(left)[:1000]}")
    box.ask("faults", {"rules": []})
    again = story.do(RUN)
    return found + ([] if again.code == 0 else [f"run again: {again}"])


def kill_at_random(tap, folder):
    rng = random.Random(SEED)
    seed, either = ["--seed", "5x20", "--random-seed"], [(RUN, (0, 3))]
    expected = {"orders": 5, "addons": 0, "licenseSwaps": 100, "suspensions": 5, "reactivations": 0}
    with Sandbox(*seed, SEED, "--faults", "hostile") as box:
        begin, story = time.monotonic(), Story(os.path.join(folder, "hostile"), box, either)
        found = story.tell()[1]
        span = time.monotonic() - begin
        found += left_over(story, box) + compare("the ledger", effects(box.counts()), expected)
    tap.case("a hostile run runs through", found)
    for done in range(0, KILLS, KILLS_PER_RUN):
        with Sandbox(*seed, SEED + done, "--faults", "hostile") as box:
            story = Story(os.path.join(folder, f"kill-{done}"), box, either)
            kills, found = story.tell_and_kill(rng, min(KILLS_PER_RUN, KILLS - done), span * 2 / KILLS_PER_RUN)
            found += left_over(story, box)
            counts = box.counts()
            tap.case(f"a hostile run, killed {kills} times: nothing twice, nobody lost",
                     found + compare("the ledger", effects(counts), expected) + never_happened(counts))


def lost_answer_of_a_purchase(tap, folder):
    """The answer to each order is lost after its commit, orders show up 15 minutes late, the service forgets request ids."""
    with Sandbox("--seed", "4x5") as box:
        box.ask("settings", {"idempotency": False, "order_lag_s": 900})
        box.ask("faults", {"rules": [
            {"kind": "reset", "method": "POST", "route": "/v1/customers/*/orders", "stage": "after", "count": 4}]})
        _, found = Story(os.path.join(folder, "lost"), box, [(RUN, 0)]).tell()
        counts = box.counts()
        if counts["orders"] != 4:
            found.append(f"the ledger counts {counts['orders']} orders for 4 customers")
        tap.case("an order whose answer was lost is found and not bought again", found + never_happened(counts))


def killed_after_a_purchase(tap, folder):
    """As above, but the process dies right after the commit: verify has to find the order."""
    with Sandbox("--seed", "1x5") as box:
        box.ask("settings", {"idempotency": False, "order_lag_s": 900})
        story = Story(os.path.join(folder, "dead"), box, [(RUN, 0)])
        process = subprocess.Popen([WFRUN, *story.line(RUN)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while not box.counts()["orders"] and process.poll() is None:
            pass
        process.kill()
        process.wait()
        found = story.take(0, story.do(story.again(RUN, 0)))
        counts = box.counts()
        if counts["orders"] != 1 or counts["licenseSwaps"] != 5:
            found.append(f"the ledger counts {effects(counts)}")
        tap.case("killed right after an order was committed: verify finds it", found + never_happened(counts))


def run():
    tap, folder = Tap(), scratch()
    lost_answer_of_a_purchase(tap, folder)
    killed_after_a_purchase(tap, folder)
    for name, seed, commands in stories(folder):
        stop_after_every_record(tap, os.path.join(folder, name), name, seed, commands)
    kill_at_random(tap, folder)
    return tap.end()


main(run)
