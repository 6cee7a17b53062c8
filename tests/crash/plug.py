"""plug.py: what the tests that pull the plug share: a driver that takes a story through its commands, stops it where it is told
and takes it up again as a person would, and what is compared at the end.

The sandbox lives outside the runs, as the remote service does."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from wfrun import STOPPED, WFRUN, Result, show, wfrun  # noqa: E402

WORKFLOWS = os.path.join(os.environ["top_srcdir"], "workflows")
WORKFLOW = os.path.join(WORKFLOWS, "e4-to-e5.yaml")
EFFECTS = ("orders", "addons", "licenseSwaps", "suspensions", "reactivations")  # what must come out the same
NEVER = ("duplicateOrders", "usersWithoutLicense")  # what must not happen at all
# Members of an output that depend on the order of events or on the clock, not on what was achieved.
VOLATILE = {"subscriptionId", "subscriptionIds", "orderId", "tag", "deprovisionDate", "suspendedAt", "attempts"}
MADE = {"id", "orderId", "version"}  # of the sandbox's state
RUN = ["run", WORKFLOW]
DONE = (0, 3)  # 3: who could not be moved is named
FINAL = ("completed", "faulted", "cancelled")


def stable(value):
    """An output without what may differ between two good runs."""
    if isinstance(value, dict):
        return {k: stable(v) for k, v in value.items() if k not in VOLATILE}
    return [stable(v) for v in value] if isinstance(value, list) else value


def never_happened(counts):
    return [f"the ledger counts {counts[name]} {name}" for name in NEVER if counts[name]]


def effects(counts):
    return {name: counts[name] for name in EFFECTS}


def world(box):
    """What the sandbox holds in the end, without ids and dates of what was bought."""
    def plain(value):
        if isinstance(value, dict):
            # What is bought is named after its request, so after its run.
            return {k: re.sub(r"\(wf-[0-9a-f]+\)", "(wf)", v) if k == "friendlyName" else plain(v)
                    for k, v in value.items() if k not in MADE and not k.endswith("Date")}
        return sorted(map(plain, value), key=show) if isinstance(value, list) else value

    return plain(box.ask("dump?stable=1"))


def as_before(box):
    """The sandbox's whole state, but for what a rollback cannot remove: what was bought stays in the list, suspended, and goes
    by itself. A finding for each of those that is not."""
    dump, found = box.ask("dump?stable=1"), []
    for customer in dump["customers"]:
        bought = [s for s in customer["subscriptions"] if "(wf-" in s["friendlyName"]]
        found += [f"{s['friendlyName']} is {s['status']}" for s in bought if s["status"] != "suspended"]
        customer["subscriptions"] = [s for s in customer["subscriptions"] if "(wf-" not in s["friendlyName"]]
        customer["inventory"] = [i for i in customer["inventory"] if i["active"] + i["warning"] + i["consumed"]]
    return dump, found


def compare(what, is_now, was):
    """One finding that names the first places where the two differ."""
    if is_now == was:
        return []
    places = []

    def walk(path, a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            for key in sorted(a.keys() | b.keys()):
                walk(f"{path}.{key}", a.get(key), b.get(key))
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            for at, (x, y) in enumerate(zip(a, b)):
                walk(f"{path}[{at}]", x, y)
        elif a != b:
            places.append(f"{path} is {show(a)[:200]}, expected {show(b)[:200]}")

    walk(what, is_now, was)
    return ["\n".join(places[:5])]


def with_waves(folder, waves, gate, more=""):
    """The flagship, its customers in waves: copies of the workflows; returns the one to run."""
    copies = os.path.join(folder, "workflows")
    os.makedirs(copies)
    for name in os.listdir(WORKFLOWS):
        if name.endswith(".yaml"):
            with open(os.path.join(WORKFLOWS, name), encoding="utf-8") as file:
                text = file.read()
            with open(os.path.join(copies, name), "w", encoding="utf-8") as file:
                file.write(re.sub(r"( +)label: .*", rf"\g<0>\n\1waves: {waves}\n\1gate: {gate}{more}", text))
    return os.path.join(copies, os.path.basename(WORKFLOW))


class Story:
    """Commands that follow each other on one journal and one sandbox: [(arguments, expected exit status, or several),
    ...].

    `{plan}` in an argument is a file of the story, `{run}` the newest run of its journal."""

    def __init__(self, folder, box, commands):
        os.makedirs(folder, exist_ok=True)
        self.box, self.commands = box, commands
        self.state, self.plan = os.path.join(folder, "story.db"), os.path.join(folder, "plan.json")
        self.outputs = []

    def runs(self):
        """The runs of the journal, the newest first."""
        return wfrun("list", "--state", self.state, "-o", "json").output() if os.path.exists(self.state) else []

    def line(self, arguments):
        newest = self.runs()[0]["run"] if "{run}" in arguments else ""
        words = [word.replace("{plan}", self.plan).replace("{run}", newest) for word in arguments]
        if words[0] in ("run", "plan"):
            words.append(f"--sandbox={self.box.url}")
        if words[0] != "plan":
            words += ["--state", self.state]
        return words if words[0] == "approve" else [*words, "-o", "json", "--progress", "quiet"]

    def again(self, arguments, before):
        """What a person types after a crash; before: how many runs there were when the command was first typed. When it has
        begun no run, it is typed again."""
        runs = self.runs()
        if len(runs) == before and arguments[0] != "resume":
            return arguments
        return ["wait" if runs[0]["status"] in FINAL else "resume", runs[0]["run"]]

    def do(self, arguments, env=None):
        return wfrun(*self.line(arguments), env=env, timeout=300)

    def take(self, at, result):
        """How a command ended: a finding when it is not as expected."""
        arguments, expected = self.commands[at]
        for _ in range(3):  # what a rollback had to leave is named with the reason; typed again it does just that
            if arguments[0] != "rollback" or result.code != 3 or not all_is_explained(result.output()):
                break
            result = self.do(arguments)
        if arguments[0] == "approve" and "you have approved it already" in result.stderr:
            return []  # it was killed after its word was stored, and typed again
        if result.code not in (expected if isinstance(expected, tuple) else (expected,)):
            return [f"{show(arguments)}: {result}"]
        if arguments[0] in ("run", "apply", "resume") and result.code in DONE:
            self.outputs.append(stable(result.output()))
        return []

    def tell(self, stop=None):
        """All commands; stop: (which of them, after which record). Whether it was stopped, and findings."""
        stopped = False
        for at, (arguments, _) in enumerate(self.commands):
            before, env = len(self.runs()), None
            if stop and stop[0] == at:
                env = {"WFRUN_TEST_STOP_AFTER": str(stop[1])}
            result = self.do(arguments, env)
            if result.code == STOPPED:
                stopped, result = True, self.do(self.again(arguments, before))
            found = self.take(at, result)
            if found:
                return stopped, found
        return stopped, []

    def tell_and_kill(self, rng, kills, span):
        """All commands, each killed at that many random instants within span seconds, unless it is faster, and taken up
        again. How often it was killed, and findings."""
        done = 0
        for at, (arguments, _) in enumerate(self.commands):
            before, result, now = len(self.runs()), None, arguments
            for _ in range(kills):
                result = kill_within(self.line(now), rng.uniform(0, span))
                if result:
                    break
                done, now = done + 1, self.again(arguments, before)
            found = self.take(at, result or self.do(now))
            if found:
                return done, found
        return done, []


def all_is_explained(rollback):
    left = [operation for operation in rollback["operations"] if operation["result"] == "not undone"]
    return len(left) == rollback["left"] and all(operation["why"] for operation in left)


def kill_within(line, seconds):
    """kill -9 of a wfrun after that time. None, or how it ended when it was faster."""
    process = subprocess.Popen([WFRUN, *line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, "NO_COLOR": "1"})
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    return Result(subprocess.CompletedProcess(process.args, process.returncode, out, err))
