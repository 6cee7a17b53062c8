"""bad_citizens.py: plugins that sin, one sin each: in wfrun's process and in one of their own, each beside a run that is well.

Every run is durable, and all share one journal. What must hold of every row: the message names the plugin, its step and
the sin; the run that goes on at the same time, with steps of the same plugin, ends as if nothing had been; a run whose
wfrun had to end is taken up with the plugin apart. `--markdown` prints the table of docs/bad-citizens.md."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from wfrun import WFRUN, Result, Tap, main, scratch, wfrun  # noqa: E402

BUILD = os.environ.get("top_builddir", "")
DOCUMENT = "document: {{dsl: '1.0.3', namespace: sins, name: {name}, version: '1.0.0'}}\n"

# What comes of it, as the documentation says it.
FAULT = "a fault of the step"
WRONG = "a fault: the answer is wrong"
LATE = "a fault: time-out"
ENDS = "wfrun ends (70); taken up apart"
GONE = "wfrun is gone without a word; taken up apart"
HANGS = "wfrun hangs; killed, and taken up apart"
DOUBT = "in doubt"
NOTED = "noted in the log; the run goes on"
REFUSED = "the plugin is refused"
UNSEEN = "nothing; the run goes on"
NEVER = "not tried: nothing in the process is safe from it"


class Sin:
    """One row. step None: the plugin's file is what is wrong. here, apart: what comes of it; the words that must be said (a
    regular expression; none: nobody is left to say them); and that plugin and step need not be named, where nobody knows."""

    def __init__(self, sin, plugin, step, here, apart, timeout=20000, task="", output=None):
        self.sin, self.plugin, self.step, self.timeout, self.task, self.output = sin, plugin, step, timeout, task, output
        self.here, self.apart = ((*x, *(None, True)[len(x) - 1:]) if isinstance(x, tuple) else (x, None, True)
                                 for x in (here, apart))


def crash(sin, step, how, **more):
    """A sin that ends its process by a signal."""
    return Sin(sin, "killers", step, (ENDS, f"it crashed \\({how}\\)"), (FAULT, f"it crashed \\({how}\\)"), **more)


def wrong(sin, plugin, step, words):
    return Sin(sin, plugin, step, (WRONG, words), (WRONG, words))


def refused(sin, file, words, here=None):
    return Sin(sin, file, None, here or (REFUSED, words), (REFUSED, words))


TIME_OUT = "did not answer (within the time-out of its task|before its deadline)"
SEGV = "Segmentation fault"
SINS = [
    crash("crashes (SIGSEGV)", "bad-crash", SEGV),
    crash("crashes on the loop thread", "bad-crash-here", SEGV),
    Sin("crashes in a thread of its own", "killers", "bad-thread",
        (ENDS, "in its own code, or in a thread of a plugin", False), (FAULT, f"it crashed \\({SEGV}\\)")),
    crash("an illegal instruction", "bad-illegal", "Illegal instruction"),
    crash("divides by zero", "bad-divide", "Floating point exception|Arithmetic exception"),
    crash("calls abort", "bad-abort", "Aborted"),
    crash("its stack runs over", "bad-overflow", SEGV),
    crash("frees memory twice", "bad-free", "Aborted"),
    Sin("spends money and crashes", "killers", "bad-spend", (DOUBT, f"it crashed \\({SEGV}\\)"),
        (DOUBT, f"it crashed \\({SEGV}\\)")),
    Sin("crashes when it is asked for its effect", "killers", "bad-effect", (ENDS, "\\(effect_of\\): it crashed \\(Aborted\\)"),
        (NOTED, "effect"), task="with: {}"),
    Sin("crashes in its cancel", "rude", "rude-cancel", (ENDS, "\\(cancel\\): it crashed \\(Aborted\\)"), (LATE, TIME_OUT),
        timeout=100),
    Sin("crashes after its answer", "killers", "bad-after", (ENDS, f"it crashed \\({SEGV}\\)"),
        (NOTED, f"it crashed \\({SEGV}\\)"), output="done"),
    Sin("calls exit(0)", "killers", "bad-exit", (ENDS, "it ended the process"), (FAULT, "exit status 0")),
    Sin("calls _exit(3)", "killers", "bad-exit-now", (GONE, None), (FAULT, "exit status 3")),
    Sin("kills itself (SIGKILL)", "killers", "bad-kill", (GONE, None), (FAULT, "it was killed")),
    Sin("an endless loop", "killers", "bad-spin", (LATE, TIME_OUT), (LATE, TIME_OUT), timeout=200),
    Sin("an endless loop on the loop thread", "killers", "bad-spin-here", (HANGS, None), (LATE, TIME_OUT), timeout=200),
    Sin("waits for its own lock", "killers", "bad-lock", (LATE, TIME_OUT), (LATE, TIME_OUT), timeout=200),
    Sin("an endless loop behind its answer", "killers", "bad-after-spin", UNSEEN, UNSEEN, output="done"),
    Sin("ignores signals and loops", "killers", "bad-signals", (LATE, TIME_OUT), (LATE, TIME_OUT), timeout=200),
    Sin("a memory bomb", "killers", "bad-memory", NEVER, (FAULT, "it crashed when its memory was used up \\(memory-mb: 1024\\)")),
    Sin("closes all descriptors", "killers", "bad-close", (GONE, None), (FAULT, "it closed the descriptor")),
    Sin("writes into descriptors that are not its own", "killers", "bad-nonsense", NEVER,
        (FAULT, "it wrote to the descriptor")),
    Sin("100,000 lines on standard output", "killers", "bad-chatter", UNSEEN, (NOTED, "writes more lines, which are dropped"),
        output="said"),
    Sin("returns without an answer", "citizens", "bad-no-answer", (FAULT, "returned without an answer"),
        (FAULT, "returned without an answer")),
    Sin("never answers", "citizens", "bad-never", (LATE, TIME_OUT), (LATE, TIME_OUT), timeout=100),
    Sin("answers twice", "citizens", "bad-twice", (NOTED, "a second answer of the step bad-twice was refused"),
        (NOTED, "a second answer of the step bad-twice was refused"), output={"answer": 1}),
    Sin("is deaf to its deadline", "citizens", "bad-deaf", (LATE, TIME_OUT), (LATE, TIME_OUT), timeout=50),
    Sin("answers, and uses its step, when it has long ended", "rude", "rude-late", (LATE, TIME_OUT), (LATE, TIME_OUT),
        timeout=50),
    wrong("malformed JSON", "citizens", "bad-json", "not JSON: line 1, column 11"),
    wrong("invalid UTF-8", "rude", "rude-utf8", "the bytes are not UTF-8"),
    wrong("nested too deep", "citizens", "bad-deep", "nested too deep"),
    wrong("a value of more than 16 MiB", "citizens", "bad-large", "it has 16777217 bytes and may have 16777216"),
    wrong("no bytes, and says there are five", "rude", "rude-bytes", "the text ends where a value is expected"),
    wrong("a verdict where an output is asked for", "citizens", "bad-kind", "not of the kind that was asked for"),
    wrong("an output against its own schema", "citizens", "bad-schema", "/answer must be a string, is a number"),
    Sin("fails without a word", "rude", "rude-failure", (FAULT, "failed and gave no reason"), (FAULT, "failed and gave no reason")),
    Sin("fails with data that are no JSON", "rude", "rude-data", (FAULT, "are dropped: "), (FAULT, "are dropped: ")),
    Sin("asks for one more attempt for ever", "rude", "rude-again", (FAULT, "failed and gave no reason|" + TIME_OUT),
        (FAULT, "failed and gave no reason|" + TIME_OUT), timeout=300),
    Sin("forges handles of steps", "rude", "rude-forged", UNSEEN, UNSEEN, output="own"),
    Sin("asks for requests that are none", "rude", "rude-request", UNSEEN, UNSEEN, output="nothing was sent"),
    Sin("writes although it only reads", "citizens", "bad-reader", (NOTED, "tried POST while it may only look"),
        (NOTED, "tried POST while it may only look"), task="with: {u: 1}"),
    Sin("hoards the host's memory", "rude", "rude-hoard", UNSEEN, UNSEEN, output="bounded"),
    Sin("floods log and progress", "rude", "rude-flood", UNSEEN, UNSEEN, output="flooded"),
    Sin("waits on the loop thread", "rude", "rude-wait", (NOTED, "the step rude-wait called a function that waits"),
        (NOTED, "the step rude-wait called a function that waits"), output="refused"),
    Sin("opens descriptors until there are no more", "killers", "bad-files", UNSEEN, UNSEEN),
    Sin("changes the working folder", "rude", "rude-cwd", UNSEEN, UNSEEN, output="moved"),
    Sin("ignores all signals, for ever", "rude", "rude-deaf", UNSEEN, UNSEEN, output="deaf"),
    Sin("empties the environment, closes the umask", "rude", "rude-environment", UNSEEN, UNSEEN, output="empty"),
    Sin("changes the locale", "rude", "rude-locale", UNSEEN, UNSEEN),
    Sin("prints an output of its own", "rude", "rude-stdout", UNSEEN, (NOTED, 'rude: {"paid": true}', False), output="said"),
    Sin("leaves threads behind", "rude", "rude-threads", UNSEEN, UNSEEN, output="left"),
    refused("another ABI", "refused/.libs/wrong-abi", "it was built for plugin ABI 2\\.1, and this wfrun has 1\\."),
    refused("no entry", "refused/.libs/no-entry", "it is no plugin of wfrun"),
    refused("its entry gives nothing", "refused/.libs/refuses-host", "."),
    refused("a descriptor that is too short", "refused/.libs/short-descriptor", "its descriptor's size is 16"),
    refused("a step type that is too short", "refused/.libs/short-step", "a step type's size is 8"),
    refused("a step without a name", "refused/.libs/no-name", "a step has no name"),
    refused("a step without a function", "refused/.libs/incomplete", "the step never has no run function"),
    refused("two steps of one name", "refused/.libs/same-step", "it has two steps called never"),
    refused("a schema that is none", "refused/.libs/bad-schema", "the output schema of the step never is wrong"),
    refused("writes, with no undo and no reason", "refused/.libs/no-undo", "has neither undo nor no_undo"),
    refused("its open fails", "refused/.libs/open-fails", "its open failed \\(-5\\)"),
    refused("crashes while it is loaded", "refused/.libs/crash-in-load", "crashed"),
    refused("crashes in its open", "refused/.libs/crash-in-open", "crashed"),
    refused("aborts in its open", "refused/.libs/abort-in-open", "crashed"),
    refused("calls exit in its open", "exit/.libs/exit-in-open", "exit status 0",
            ("wfrun ends (70)", "exit-in-open.so ended the process while it was loaded", False)),
]


class Neighbour:
    """A run of the same plugin on the same journal, from before the sin until after it."""

    def __init__(self, folder, number, isolation, dirs):
        self.name, self.go = f"neighbour-{number}-{isolation}", os.path.join(folder, f"go-{number}-{isolation}")
        self.events = os.path.join(folder, self.name + ".events")
        path = os.path.join(folder, self.name + ".yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(DOCUMENT.format(name="neighbour") + f"""do:
  - before: {{call: good-well}}
  - wait: {{call: hold, with: {{file: '{self.go}'}}}}
  - after: {{call: good-well}}
""")
        self.process = subprocess.Popen([WFRUN, "run", "--run-id", self.name, "--events", self.events, *dirs,
                                         "--isolation", isolation, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True, errors="replace")

    def wait_for_begin(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            if os.path.exists(self.events) and re.search(r'task\.started.*"wait"', open(self.events, encoding="utf-8").read()):
                return []
            time.sleep(0.01)
        return ["the neighbour did not begin"]

    def findings(self):
        with open(self.go, "w", encoding="utf-8"):
            pass
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return ["the run beside it hangs"]
        return [] if self.process.returncode == 0 and out == '"well"\n' and not err.count("error") else [
            f"the run beside it was disturbed: exit {self.process.returncode} {out} {err}"]


def run(sin, folder, run_id, isolation, dirs, hangs):
    """The sinner's run, in which a branch that is well goes on beside the sin."""
    path = os.path.join(folder, run_id + ".yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(DOCUMENT.format(name="sinner") + f"""do:
  - sin: {{call: {sin.step or 'never'}, timeout: {{after: {{milliseconds: {sin.timeout}}}}}{', ' + sin.task if sin.task else ''}}}
  - well: {{call: good-well, output: {{as: '{{sin: $input, after: .}}'}}}}
""")
    arguments = ["run", "--run-id", run_id, "-o", "json", *dirs, "--isolation", isolation, path]
    if not hangs:
        return wfrun(*arguments, timeout=90)
    with subprocess.Popen([WFRUN, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="replace") as process:
        try:
            out, err = process.communicate(timeout=2)
            return Result(subprocess.CompletedProcess(arguments, process.returncode, out, f"it did not hang: {err}"))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            return Result(subprocess.CompletedProcess(arguments, -signal.SIGKILL, out, err))


def unsaid(sin, text, words, named):
    """What is missing of plugin, step and sin."""
    wanted = [words] if words else []
    if words and named:
        wanted += [re.escape(os.path.basename(sin.plugin)), re.escape(sin.step or "never")]
    return [f"not said: {word}; but: {text[-1500:]}" for word in wanted if not re.search(word, text)]


def expect(sin, outcome, result, run_id, dirs):
    what, words, named = outcome
    findings = unsaid(sin, result.stderr, words, named)
    if what in (FAULT, WRONG, LATE):
        if result.code != 1:
            findings.append(f"no fault of the step: {result}")
    elif what == DOUBT:
        if result.code == 70:
            result = wfrun("resume", run_id, *dirs, "--isolation", "process")
        if result.code != 7:
            findings.append(f"not in doubt: {result}")
    elif what in (NOTED, UNSEEN):
        line = result.stdout.strip().splitlines()[-1:] or ["null"]
        if result.code != 0 or (sin.output is not None and json.loads(line[0])["sin"] != sin.output):
            findings.append(f"the run did not go on: {result}")
    elif what == REFUSED:
        if result.code != 5:
            findings.append(f"not refused: {result}")
    else:
        if what not in (HANGS, GONE) and result.code != 70:
            findings.append(f"wfrun did not end with 70: {result}")
        if sin.step:
            again = wfrun("resume", run_id, *dirs, "--isolation", "process", timeout=90)
            findings += expect(sin, sin.apart, again, run_id, dirs)
    return findings


def check(tap, sin, number, folder):
    for isolation, outcome in (("in-process", sin.here), ("process", sin.apart)):
        name = f"{sin.sin}, {isolation}: {outcome[0]}"
        if outcome[0] == NEVER:
            tap.skip(name, "it would take the memory of all, or write into the journal")
            continue
        plugins = os.path.join(BUILD, "tests/plugins")
        own = [os.path.join(plugins, d, ".libs") for d in ("killers", "rude")] + [os.path.join(plugins, ".libs")]
        if not sin.step:
            own.insert(0, os.path.join(folder, f"plugin-{number}"))
            os.makedirs(own[0], 0o755, exist_ok=True)
            shutil.copy(os.path.join(plugins, sin.plugin + ".so"), own[0])
        dirs = [word for d in own for word in ("--plugin-dir", d)]
        neighbour = Neighbour(folder, number, isolation, dirs[-6:])
        findings = neighbour.wait_for_begin()
        run_id = f"sin-{number}-{isolation}"
        result = run(sin, folder, run_id, isolation, dirs, outcome[0] == HANGS)
        findings += expect(sin, outcome, result, run_id, dirs)
        findings += neighbour.findings()
        tap.case(name, findings)


def markdown():
    print("""# Bad citizens

What becomes of wfrun when a plugin sins. tests/plugins/bad_citizens.py commits each of these, in wfrun's process and in one of
the plugin's own ([isolation](plugin-guide.md)), with a durable run, beside another run of the same plugin on the same journal;
that one always ends as if nothing had been. This page is printed by the test (`--markdown`); `make lint` compares.

- **A fault** is an error object that `try` can catch; it names the plugin, its step and the sin. Time-outs here are those of
  the task. Of a step that changes the world it is *in doubt*.
- **wfrun ends** after a sentence that names plugin, step and sin; only of a crash in a thread of the plugin's own nobody knows
  whose it was. A plugin that calls `_exit`, kills itself or closes all descriptors leaves nobody to say it.
- **Taken up apart**: the run is in the journal, and `wfrun resume --isolation process` goes on with it; what comes of the sin
  then is in the last column.

| sin | in wfrun's process | apart |
|---|---|---|""")
    for sin in SINS:
        print(f"| {sin.sin} | {sin.here[0]} | {sin.apart[0]} |")
    return 0


def suite():
    if "--markdown" in sys.argv:
        return markdown()
    tap = Tap()
    with open(os.path.join(BUILD, "config.h"), encoding="utf-8") as file:
        if "WF_SANITIZED 1" in file.read():
            tap.skip("all of them", "a sanitizer has handlers and limits of its own")
            return tap.end()
    folder = scratch()
    os.environ["WFRUN_STATE"] = os.path.join(folder, "wfrun.db")
    os.chdir(folder)
    wanted = sys.argv[1:]
    for number, sin in enumerate(SINS):
        if not wanted or sin.step in wanted or os.path.basename(sin.plugin) in wanted:
            check(tap, sin, number, folder)
    return tap.end()


main(suite)
