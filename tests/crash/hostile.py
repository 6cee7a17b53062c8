"""hostile.py: a plan as large as a partner, and many small runs in a world that is against them: answers get lost after the
commit, requests fail in every way that the sandbox knows, the process is killed. Nothing may be bought twice, nobody may lose
a licence, and what was rolled back must be as it was.

Settings: HOSTILE_RUNS (1000), HOSTILE_SIZE (100x200), HOSTILE_SEED (1); HOSTILE_FIRST=N HOSTILE_RUNS=1 repeats run N alone."""
import collections
import concurrent.futures
import os
import random
import shutil
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plug import DONE, RUN, WORKFLOW, Story, as_before, compare, never_happened, with_waves  # noqa: E402
from wfrun import Sandbox, Tap, main, scratch, show  # noqa: E402

RUNS = int(os.environ.get("HOSTILE_RUNS", "1000"))
FIRST = int(os.environ.get("HOSTILE_FIRST", "1"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
SIZE = os.environ.get("HOSTILE_SIZE", "100x200")
BATCH = 50
SPAN = 0.25  # seconds: about as long as a command takes that nobody kills
PLAN = ["plan", WORKFLOW, "--out", "{plan}"]
APPLY = ["apply", "{plan}"]
# Where each effect is had, to lose the answer after the commit.
ROUTES = {
    "purchase": ("POST", "/v1/customers/*/orders"),
    "license-reassign": ("POST", "/v1/customers/*/users/*/licenseupdates"),
    "suspend": ("PATCH", "/v1/customers/*/subscriptions/*"),
}


# ---- a plan as large as a partner -----------------------------------------------------------------------------------


def items_of(plan):
    """What a plan has, item by item, as the ledger would tell it: (kind, customer, about what)."""
    about = {"purchase": ("order", "seats"), "license-reassign": ("licenseSwap", "userId"), "suspend": ("suspend", "subscriptionId")}
    return collections.Counter((about[item["step"]][0], item["facts"]["customerId"], item["facts"][about[item["step"]][1]])
                               for item in plan["items"])


def entries_of(ledger):
    about = {"order": "quantity", "licenseSwap": "userId", "suspend": "subscriptionId"}
    return collections.Counter((entry["kind"], entry["customer"], entry["detail"][about[entry["kind"]]])
                               for entry in ledger["entries"])


def plan_and_apply(folder, size, meanwhile):
    """Plan, let something happen, apply, apply again. The plan, the ledger, the output, and findings."""
    with Sandbox("--seed", size, "--faults", "none") as box:
        story = Story(folder, box, [(PLAN, 0), (APPLY, DONE), (APPLY, 8)])
        planned = story.do(PLAN)
        found = story.take(0, planned)
        if box.counts()["writes"]:
            found.append(f"planning wrote: {box.ask('ledger')['writesByMethod']}")
        if found:
            return None, None, None, found
        plan = planned.output()
        meanwhile(box, plan)
        applied = story.do(APPLY)
        found, ledger = story.take(1, applied), box.ask("ledger")
        found += never_happened(ledger["counts"]) + story.take(2, story.do(APPLY))
        found += compare("after the second apply", box.counts()["writes"], ledger["counts"]["writes"])
        return plan, ledger, applied.output() if applied.code in DONE else None, found


def plan_at_size(tap, folder, size):
    customers, users = map(int, size.split("x"))
    plan, ledger, output, found = plan_and_apply(os.path.join(folder, "whole"), size, lambda *_: None)
    if not found:
        found = compare("items", dict(items_of(plan)), dict(entries_of(ledger)))
        found += compare("count", sum(items_of(plan).values()), customers * (users + 2))
        found += compare("moved", output["summary"]["moved"], customers)
    tap.case(f"{size}: planning writes nothing, applying does each item of the plan and no other, and that once", found)


def changed_at_size(tap, folder, size):
    """One customer's seats change between plan and apply: it is left out and named, the others are moved."""
    names = []

    def change(box, plan):
        of = next(item for item in plan["items"] if item["step"] == "suspend")
        names.append((of["facts"]["customerId"], of["label"]))
        seats = next(item["facts"]["source"]["quantity"] for item in plan["items"]
                     if item["step"] == "purchase" and item["facts"]["customerId"] == of["facts"]["customerId"])
        box.ask("change", {"customer": of["facts"]["customerId"], "subscription": of["facts"]["subscriptionId"],
                           "quantity": seats + 1})

    plan, ledger, output, found = plan_and_apply(os.path.join(folder, "changed"), size, change)
    if not found:
        (customer, name), = names
        left = {item: n for item, n in items_of(plan).items() if item[1] != customer}
        found = compare("items", left, dict(entries_of(ledger)))
        failed = [row for row in output["customers"] if row["status"] != "moved"]
        found += compare("left out", [(row["customer"], row["status"], row["reason"]) for row in failed],
                         [(name, "failed", "Not as planned")])
        if "quantity" not in failed[0]["notes"][0]:
            found.append(f"it does not say what changed: {failed[0]['notes']}")
    tap.case(f"{size}: a customer whose seats changed since the plan is left out and named, the others are moved", found)


# ---- many runs ------------------------------------------------------------------------------------------------------


def stories(waves):
    """Name, chance, commands."""
    return [
        ("run", 4, [(RUN, DONE)]),
        ("plan and apply", 3, [(PLAN, 0), (APPLY, DONE)]),
        ("approval", 2, [([*RUN, "--approval", "spend,item"], 6), (["approve", "{run}", "--all"], 0), (["resume", "{run}"], DONE)]),
        ("waves", 2, [(["run", waves], DONE)]),
        ("run and rollback", 4, [([*RUN, "--run-id", "r"], DONE), (["rollback", "r", "--yes"], 0)]),
    ]


def lose_answers(box, rng):
    """Of each kind of effect some answers get lost after the commit. What was asked of the sandbox."""
    rules = [{"kind": "reset", "method": method, "route": route, "stage": "after", "probability": rng.choice([0.3, 1]),
              "count": rng.randint(1, 4)} for method, route in ROUTES.values() if rng.random() < 0.7]
    box.ask("faults", {"profile": "hostile", "rules": rules, "add": True})
    return rules


def lost(box, rules):
    """How many answers of each kind were lost."""
    left = [rule["count"] for rule in box.ask("faults")["rules"] if rule.get("count", -1) >= 0 and rule["kind"] == "reset"]
    return sum(rule["count"] for rule in rules) - sum(left)


def twice(entries):
    """Effects that the ledger has more than once, whatever their request ids: an order for a customer, a swap of a user in one
    direction, a new state of a subscription."""
    counts = collections.Counter((entry["kind"], entry["customer"], entry["detail"].get("userId") or entry["detail"]["offerName"],
                                  show(entry["detail"].get("added"))) for entry in entries)
    return [f"{n} times: {what}" for what, n in counts.items() if n > 1]


def not_moved(output, entries, users):
    """Who was not moved has to be named with a reason; who was has one order, a swap for each user and a suspension."""
    found, left = [], 0
    for row in output["customers"]:
        mine = collections.Counter(entry["kind"] for entry in entries if entry["customer"] == row["customerId"])
        if row["status"] != "moved":
            left += 1
            found += [] if row["reason"] else [f"no reason is given: {show(row)}"]
        elif mine["order"] != 1 or mine["licenseSwap"] < users or not mine["suspend"]:
            found.append(f"it says moved, and the ledger has {dict(mine)}: {show(row)}")
    return left, found


def hostile_run(number, folder, waves):
    """Findings, and what is counted."""
    rng = random.Random(SEED * 1000003 + number)
    name, _, commands = rng.choices(stories(waves), [chance for _, chance, _ in stories(waves)])[0]
    customers, users = rng.randint(1, 3), rng.randint(1, 5)
    seed = ["--seed", f"{customers}x{users}", "--random-seed", number, "--faults", "hostile"]
    with Sandbox(*seed) as box:
        if rng.random() < 0.5:  # request ids are no help, and orders show up late
            box.ask("settings", {"idempotency": False, "order_lag_s": rng.choice([0, 60, 900])})
        before, rules = box.ask("dump?stable=1"), lose_answers(box, rng)
        story, left = Story(os.path.join(folder, str(number)), box, commands), 0
        kills, found = story.tell_and_kill(rng, rng.choice([0, 0, 1, 2, 4]), SPAN)
        ledger = box.ask("ledger")
        found += never_happened(ledger["counts"]) + twice(ledger["entries"])
        if not found:
            left, found = not_moved(story.outputs[0], ledger["entries"], users)
        if name.endswith("rollback") and not found:
            after, found = as_before(box)
            found += compare("the sandbox's state", after, before)
        tally = collections.Counter({f"stories of {name}": 1, "kills": kills, "answers lost after the commit": lost(box, rules),
                                     "customers": customers, "of them left out with a reason": left})
        tally.update(ledger["counts"])
    shutil.rmtree(os.path.join(folder, str(number)), True)
    where = f"run {number}: {name}, {customers}x{users}, {kills} kills: HOSTILE_FIRST={number} HOSTILE_RUNS=1 repeats it"
    return [where, *found] if found else [], tally


def try_run(number, folder, waves):
    """A run that leaves something that cannot be read is a finding, too."""
    try:
        return hostile_run(number, folder, waves)
    except Exception:  # pylint: disable=broad-except
        return [f"run {number}: {traceback.format_exc()}"], {}


def hostile_runs(tap, folder):
    tally, last = collections.Counter(), FIRST + RUNS - 1
    waves = with_waves(folder, '[1, "100%"]', '{check: ".done > 0"}')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for first in range(FIRST, last + 1, BATCH):
            batch = range(first, min(first + BATCH, last + 1))
            ends = list(workers.map(lambda number: try_run(number, folder, waves), batch))
            for _, counts in ends:
                tally.update(counts)
            tap.case(f"hostile runs {batch[0]} to {batch[-1]}: nothing twice, nobody lost, what was rolled back is as it was",
                     [finding for findings, _ in ends for finding in findings])
    print(f"# {RUNS} hostile runs: " + ", ".join(f"{n} {what}" for what, n in tally.items()), flush=True)


def run():
    tap, folder = Tap(), scratch()
    if FIRST == 1:
        plan_at_size(tap, folder, SIZE)
        changed_at_size(tap, folder, SIZE)
    hostile_runs(tap, folder)
    return tap.end()


main(run)
