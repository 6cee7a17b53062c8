"""crash.py: pulls the plug on real runs and demands that nothing was lost and nothing bought twice.

The sandbox lives outside the runs, as the remote service does. Settings: CRASH_KILLS (default 100), CRASH_SEED."""
import concurrent.futures
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from wfrun import STOPPED, WFRUN, Sandbox, Tap, main, scratch, show, wfrun  # noqa: E402

DONE = (0, 3)  # 3: some customers of the seed cannot be moved
WORKFLOW = os.path.join(os.environ["top_srcdir"], "workflows", "e4-to-e5.yaml")
KILLS = int(os.environ.get("CRASH_KILLS", "100"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
KILLS_PER_RUN = 10
EFFECTS = ("orders", "addons", "licenseSwaps", "suspensions")  # what must come out the same
NEVER = ("duplicateOrders", "usersWithoutLicense")  # what must not happen at all
# Members of an output that depend on the order of events or on the clock, not on what was achieved.
VOLATILE = {"subscriptionId", "subscriptionIds", "orderId", "tag", "deprovisionDate", "suspendedAt", "attempts"}
MADE = {"id", "orderId", "version"}  # of the sandbox's state


def stable(value):
    """An output without what may differ between two good runs."""
    if isinstance(value, dict):
        return {k: stable(v) for k, v in value.items() if k not in VOLATILE}
    return [stable(v) for v in value] if isinstance(value, list) else value


def start(box, state, *more, env=None):
    return wfrun("run", WORKFLOW, f"--sandbox={box.url}", "--state", state, "--run-id", "r", "-o", "json",
                 "--progress", "quiet", *more, env=env, timeout=300)


def resume(state, env=None):
    return wfrun("resume", "r", "--state", state, "-o", "json", "--progress", "quiet", env=env, timeout=300)


def never_happened(counts):
    return [f"the ledger counts {counts[name]} {name}" for name in NEVER if counts[name]]


def effects(counts):
    return {name: counts[name] for name in EFFECTS}


def world(box):
    """What the sandbox holds in the end, without ids and dates of what was bought."""
    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in MADE and not k.endswith("Date")}
        return sorted(map(plain, value), key=show) if isinstance(value, list) else value

    return plain(box.ask("dump"))


def stop_once(folder, stop, whole, expected, end):
    """Stop after that record and resume: whether it was stopped at all, and what was wrong then."""
    state = os.path.join(folder, f"stop-{stop}.db")
    with Sandbox("--faults", "none") as box:
        result = start(box, state, env={"WFRUN_TEST_STOP_AFTER": str(stop)})
        if result.code != STOPPED:
            return False, [] if result.code in DONE and stop > 10 else [result]
        result, found, counts = resume(state), [], box.counts()
        if result.code not in DONE:
            found.append(result)
        elif stable(result.output()) != stable(whole.output()):
            found.append(f"output differs:\n{show(stable(result.output()))}\n{show(stable(whole.output()))}")
        if effects(counts) != expected:
            found.append(f"the ledger counts {effects(counts)}, expected {expected}")
        if world(box) != end:
            found.append("the sandbox ends in another state")
        return True, found + never_happened(counts)


def stop_after_every_record(tap, folder):
    with Sandbox("--faults", "none") as box:
        whole = start(box, os.path.join(folder, "whole.db"))
        expected, end = effects(box.counts()), world(box)
        tap.case("the small seed runs through", ([] if whole.code in DONE else [whole]) + never_happened(box.counts()))
    if whole.code not in DONE:
        return
    stop, more, side = 1, True, os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(side) as workers:
        while more:
            batch = range(stop, stop + side)
            for at, (stopped, found) in zip(batch, workers.map(lambda n: stop_once(folder, n, whole, expected, end), batch)):
                if stopped:
                    tap.case(f"stopped after record {at}, resumed: the same end", found)
                elif more:
                    tap.case(f"all {at - 1} records were stopped after", found)
                    more = False
            stop += side


def kill_and_resume(box, state, rng, kills, span):
    """Kill the run at that many random instants, each time within a fraction of its length; return how it ends."""
    command = ["run", WORKFLOW, f"--sandbox={box.url}", "--run-id", "r"]
    for _ in range(kills):
        process = subprocess.Popen([WFRUN, *command, "--state", state, "-o", "none", "--progress", "quiet"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0, span))
        except subprocess.TimeoutExpired:
            process.kill()
        if process.wait() >= 0 and command[0] == "resume":
            break  # it ended by itself
        # Killed before the run was even stored: then there is nothing to resume, and it is begun again.
        stored = wfrun("show", "r", "--state", state).code == 0
        command = ["resume", "r"] if stored else command
    return resume(state) if command[0] == "resume" else start(box, state)


def kill_at_random(tap, folder):
    rng = random.Random(SEED)
    seed = ["--seed", "5x20", "--faults", "hostile", "--random-seed", SEED]
    with Sandbox(*seed) as box:
        begin = time.monotonic()
        whole = start(box, os.path.join(folder, "hostile.db"))
        span = time.monotonic() - begin
        expected = effects(box.counts())
    tap.case("a hostile run runs through", [] if whole.code in DONE else [whole])
    done = 0
    while done < KILLS:
        kills = min(KILLS_PER_RUN, KILLS - done)
        state = os.path.join(folder, f"kill-{done}.db")
        with Sandbox(*seed[:-1], SEED + done) as box:
            result = kill_and_resume(box, state, rng, kills, span * 2 / KILLS_PER_RUN)
            counts = box.counts()
            found = [] if result.code in DONE else [result]
            if effects(counts) != expected:
                found.append(f"the ledger counts {effects(counts)}, expected {expected}")
            done += kills
            tap.case(f"killed {kills} times in a hostile run ({done} of {KILLS}): nothing twice, nobody lost",
                     found + never_happened(counts))


def lost_answer_of_a_purchase(tap, folder):
    """The answer to each order is lost after its commit, orders show up 15 minutes late, the service forgets request ids."""
    with Sandbox("--seed", "4x5") as box:
        box.ask("settings", {"idempotency": False, "order_lag_s": 900})
        box.ask("faults", {"rules": [
            {"kind": "reset", "method": "POST", "route": "/v1/customers/*/orders", "stage": "after", "count": 4}]})
        result = start(box, os.path.join(folder, "lost.db"))
        counts = box.counts()
        found = [] if result.code in DONE else [result]
        if counts["orders"] != 4:
            found.append(f"the ledger counts {counts['orders']} orders for 4 customers")
        tap.case("an order whose answer was lost is found and not bought again", found + never_happened(counts))


def killed_after_a_purchase(tap, folder):
    """As above, but the process dies right after the commit: verify has to find the order."""
    with Sandbox("--seed", "1x5") as box:
        box.ask("settings", {"idempotency": False, "order_lag_s": 900})
        state = os.path.join(folder, "dead.db")
        process = subprocess.Popen([WFRUN, "run", WORKFLOW, f"--sandbox={box.url}", "--run-id", "r", "--state", state,
                                    "-o", "none", "--progress", "quiet"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not box.counts()["orders"] and process.poll() is None:
            pass
        process.kill()
        process.wait()
        result = resume(state)
        counts = box.counts()
        found = [] if result.code in DONE else [result]
        if counts["orders"] != 1 or counts["licenseSwaps"] != 5:
            found.append(f"the ledger counts {effects(counts)}")
        tap.case("killed right after an order was committed: verify finds it", found + never_happened(counts))


def run():
    tap, folder = Tap(), scratch()
    lost_answer_of_a_purchase(tap, folder)
    killed_after_a_purchase(tap, folder)
    stop_after_every_record(tap, folder)
    kill_at_random(tap, folder)
    return tap.end()


main(run)
