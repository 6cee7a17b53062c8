"""workflows.py: every shipped workflow is valid for everybody, and does what it says on the sandbox's small seed.

What must come out stands in expected/NAME.txt, as `wfrun -o table` prints it, dates apart. WRITE_EXPECTED=1 writes it anew."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tests", "lib"))
from wfrun import Sandbox, Tap, load_yaml, main, wfrun  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "tests", "ctk", "schema", "workflow-1.0.3.yaml")
# Called by the others, with what these have found.
PARTS = {"sku-retirement", "sku-retirement-all"}
INPUT = {"e4-advise": ["--set", "needs[0]=hybrid-voice"]}
NEVER = ("duplicateOrders", "usersWithoutLicense")


def valid_upstream(tap, files):
    try:
        import jsonschema
    except ImportError:
        tap.skip("shipped workflows are valid against upstream's schema", "python3-jsonschema is not installed")
        return
    with open(SCHEMA, encoding="utf-8") as text:
        validator = jsonschema.Draft202012Validator(load_yaml(text))
    for path in files:
        with open(path, encoding="utf-8") as text:
            errors = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(load_yaml(text))]
        tap.case(f"{os.path.basename(path)} is valid against upstream's schema", errors)


def check_is_silent(tap, path):
    result = wfrun("check", path)
    tap.case(f"wfrun check {os.path.basename(path)} is silent",
             [] if result.code == 0 and not result.stdout + result.stderr else [result])


def report_comes_out(tap, name, path):
    with Sandbox("--seed", "small") as box:
        result = wfrun("run", path, f"--sandbox={box.url}", "--ephemeral", "-o", "table", *INPUT.get(name, []))
        counts = box.counts()
    report = re.sub(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD", result.stdout)
    golden = os.path.join(HERE, "expected", f"{name}.txt")
    if os.environ.get("WRITE_EXPECTED"):
        with open(golden, "w", encoding="utf-8") as file:
            file.write(report)
    with open(golden, encoding="utf-8") as file:
        expected = file.read()
    found = [] if result.code == (3 if "failed:" in expected else 0) else [result]
    if report != expected:
        found.append(f"the report is\n{report}\nexpected\n{expected}")
    found += [f"the ledger counts {counts[name]} {name}" for name in NEVER if counts[name]]
    tap.case(f"{name}: the report of the small seed", found)


def run():
    tap = Tap()
    files = sorted(glob.glob(os.path.join(HERE, "*.yaml")))
    valid_upstream(tap, files)
    for path in files:
        name = os.path.splitext(os.path.basename(path))[0]
        check_is_silent(tap, path)
        if name not in PARTS:
            report_comes_out(tap, name, path)
    return tap.end()


main(run)
