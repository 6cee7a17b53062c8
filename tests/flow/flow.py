"""flow.py: runs flow cases through wfrun; docs/testing.md describes the format of a .case file.

Each case runs three ways: ephemeral; with a journal; and with a journal, stopped after record 1, 2, 3 ... and resumed
each time, which must end the same way. That last one is the test of replay: what a resumed run does must follow from the
journal alone."""
import concurrent.futures
import glob
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from wfrun import STOPPED, Tap, events, load_yaml, main, same, scratch, show, wfrun  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = {"case", "input", "options", "secrets", "exit", "output", "fault", "started", "stderr", "took_ms", "resume"}
MAX_STOPS = 40
EVERY = int(os.environ.get("FLOW_STOP_EVERY", "1"))  # slow builds stop after every nth record only
DOCUMENT = "\ndocument: {{dsl: '1.0.3', namespace: flow, name: {name}, version: '1.0.0'}}\n"


class Case:
    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            head, *definitions = re.split(r"(?m)^---[ \t]*\n", file.read())
        self.expect = load_yaml(head)
        unknown = set(self.expect) - KEYS
        if unknown or not definitions or "case" not in self.expect:
            raise ValueError(f"{path}: unknown keys {sorted(unknown)}" if unknown else f"{path}: not a case")
        self.exit = self.expect.get("exit", 1 if "fault" in self.expect else 0)
        self.folder = scratch()
        self.files = []
        for number, text in enumerate(definitions):
            # A definition without `document` gets one, at its end so that lines keep their numbers.
            if not re.search(r"(?m)^document:", text):
                text += DOCUMENT.format(name=self.name if number == 0 else f"other-{number}")
            self.files.append(self.write(f"workflow-{number}.yaml", text))
        self.options = [*self.expect.get("options", [])]
        for other in self.files[1:]:
            self.options += ["--register", other]
        if "secrets" in self.expect:
            self.options += ["--secrets", self.write("secrets.json", json.dumps(self.expect["secrets"]))]
        if "input" in self.expect:
            self.options += ["-i", self.write("input.json", json.dumps(self.expect["input"]))]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def run(self, *more, env=None):
        return wfrun("run", self.files[0], "-o", "json", *self.options, *more, env=env, timeout=60)

    def wrong(self, result):
        """What differs from the expectation in how a run ended."""
        if result.code != self.exit:
            return [f"exit status {result.code}, expected {self.exit}\n{result}"]
        found = []
        try:
            if "output" in self.expect and not same(result.output(), self.expect["output"]):
                found.append(f"output is {show(result.output())}\nexpected  {show(self.expect['output'])}")
            for name, value in self.expect.get("fault", {}).items():
                given = result.fault().get(name)
                if name == "type" and ":" not in value:
                    value = f"https://serverlessworkflow.io/spec/1.0.0/errors/{value}"
                if not same(given, value):
                    found.append(f"{name} of the error is {show(given)}\nexpected {show(value)}")
        except ValueError as error:
            found.append(f"{error}\n{result}")
        if "stderr" in self.expect and not re.search(self.expect["stderr"], result.stderr):
            found.append(f"standard error does not match {self.expect['stderr']}:\n{result.stderr}")
        return found

    def plain(self):
        log = os.path.join(self.folder, "events.jsonl")
        begin = time.monotonic()
        result = self.run("--ephemeral", "--events", log)
        took_ms = (time.monotonic() - begin) * 1000
        found = self.wrong(result)
        if "started" in self.expect and not found:
            started = [e["data"]["name"] for e in events(log) if e["type"].endswith("task.started.v1")]
            if started != self.expect["started"]:
                found.append(f"tasks started: {started}\nexpected       {self.expect['started']}")
        low, high = self.expect.get("took_ms", [0, 60000])
        if not low <= took_ms <= high:
            found.append(f"took {took_ms:.0f} ms, expected {low} to {high}")
        return found

    def stopped_and_resumed(self):
        for stop in range(1, MAX_STOPS + 1, EVERY):
            state = os.path.join(self.folder, f"stop-{stop}.db")
            result = self.run("--state", state, "--run-id", "r", env={"WFRUN_TEST_STOP_AFTER": str(stop)})
            if result.code != STOPPED:
                found = self.wrong(result)
                return [f"with a journal: {f}" for f in found]
            result = wfrun("resume", "r", "--state", state, "-o", "json", timeout=60)
            found = self.wrong(result)
            if found:
                return [f"stopped after record {stop}, then resumed: {f}" for f in found]
        return []


def judge(path):
    """The name of a case, and what is wrong with it."""
    try:
        case = Case(path)
    except (ValueError, OSError) as error:
        return os.path.basename(path), [error]
    found = case.plain()
    # Refused before it began: there is nothing to resume.
    if not found and case.exit not in (2, 5) and case.expect.get("resume", True):
        found = case.stopped_and_resumed()
    return f"{case.name}: {case.expect['case']}", found


def run():
    tap = Tap()
    wanted = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "cases", "*.case")))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for name, found in workers.map(judge, wanted):
            tap.case(name, found)
    return tap.end()


main(run)
