"""ctk.py: runs the DSL's own feature files (Gherkin) through wfrun; one TAP line for each scenario.

A line that is not understood is an error of the scenario, never a pass. Hosts on the network are answered by a local
HTTPS stub; the kit's pets live below."""
import base64
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from wfrun import HttpsStub, Tap, events, load_yaml, main, same, scratch, show, wfrun  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KEYWORD = re.compile(r"(?:Given|When|Then|And|But)\s+", re.I)
ERROR_BASES = re.compile(
    r"^https://(?:serverlessworkflow\.io|open-workflow-specification\.org)/(?:spec/1\.0\.0/errors|dsl/errors/types)/"
)
STANDARD_ERRORS = {
    "configuration", "validation", "expression", "authentication", "authorization", "timeout", "communication", "runtime"
}


def pets(method, host, path, headers, _body):
    """petstore.swagger.io and httpbin.org, as far as the kit needs them."""
    url = urllib.parse.urlsplit(path)
    part = [urllib.parse.unquote(p) for p in url.path.strip("/").split("/")]
    json_type = "application/json"

    def pet(number, status="available"):
        return {"id": number, "name": f"pet-{number}", "status": status, "photoUrls": [], "tags": []}

    if host.startswith("httpbin.org") and method == "GET" and part[0] == "basic-auth" and len(part) == 3:
        expected = "Basic " + base64.b64encode(f"{part[1]}:{part[2]}".encode()).decode()
        if headers.get("Authorization") != expected:
            return 401, json_type, b""
        return 200, json_type, json.dumps({"authenticated": True, "user": part[1]}).encode()
    if host.startswith("petstore.swagger.io") and method == "GET" and part[0] == "v2":
        if part[1:] == ["pet", "findByStatus"]:
            status = urllib.parse.parse_qs(url.query).get("status", ["available"])[0]
            return 200, json_type, json.dumps([pet(1, status), pet(2, status)]).encode()
        if len(part) == 3 and part[1] == "pet" and part[2].isdigit():
            return 200, json_type, json.dumps(pet(int(part[2]))).encode()
        if part[1:] == ["swagger.json"]:
            parameter = {"name": "status", "in": "query", "type": "array", "items": {"type": "string"}, "required": True}
            return 200, json_type, json.dumps({
                "swagger": "2.0", "host": "petstore.swagger.io", "basePath": "/v2", "schemes": ["https"],
                "info": {"title": "pets", "version": "1"},
                "paths": {
                    "/pet/findByStatus": {"get": {"operationId": "findPetsByStatus", "parameters": [parameter]}},
                    "/pet/{petId}": {"get": {"operationId": "getPetById", "parameters": [
                        {"name": "petId", "in": "path", "type": "integer", "required": True}]}},
                },
            }).encode()
    return 404, json_type, b'{"code":404,"message":"not found"}'


class BadFeature(Exception):
    pass


def scenarios(path):
    """(name, [(step text, doc string or None)]) for each scenario of a feature file."""
    name, steps, doc, indent = None, [], None, 0
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            stripped = line.strip()
            if doc is not None:
                if stripped == '"""':
                    steps[-1] = (steps[-1][0], "\n".join(doc))
                    doc = None
                else:
                    doc.append(line.rstrip("\n")[indent:] if not line[:indent].strip() else line.rstrip("\n"))
                continue
            if not stripped or stripped.startswith("#"):
                continue
            if stripped.startswith('"""'):
                if not steps or stripped not in ('"""', '"""yaml'):
                    raise BadFeature(f"{path}:{number}: a doc string that belongs to no step: {stripped}")
                doc, indent = [], len(line) - len(line.lstrip())
            elif stripped.startswith("Scenario:"):
                if name:
                    yield name, steps
                name, steps = stripped[len("Scenario:"):].strip(), []
            elif name is None:
                if not re.match(r"Feature:|As an? |I want |So that ", stripped):
                    raise BadFeature(f"{path}:{number}: not understood: {stripped}")
            elif KEYWORD.match(stripped):
                # "And given the workflow input is:"
                steps.append((KEYWORD.sub("", KEYWORD.sub("", stripped, 1), 1), None))
            else:
                raise BadFeature(f"{path}:{number}: not understood: {stripped}")
    if doc is not None:
        raise BadFeature(f"{path}: a doc string without an end")
    if name:
        yield name, steps


MISSING = object()


def member(value, path):
    """A dotted path; a name may hold dots itself, so the longest name that is there wins."""
    if not path:
        return value
    parts = path.split(".")
    if isinstance(value, list) and parts[0].isdigit():
        return member(value[int(parts[0])], ".".join(parts[1:])) if int(parts[0]) < len(value) else MISSING
    if not isinstance(value, dict):
        return MISSING
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in value:
            return member(value[name], ".".join(parts[length:]))
    return MISSING


def plain_type(uri):
    """The last segment of a standard error's type under any of its spellings; another URI stays."""
    name = ERROR_BASES.sub("", str(uri))
    return name if name in STANDARD_ERRORS else uri


class Scenario:
    """One scenario: what was given, how the run ended, and what its steps found wrong."""

    def __init__(self, options):
        self.options, self.folder = options, scratch()
        self.definition = self.input = self.result = None
        self.events = []

    def execute(self):
        if self.definition is None:
            raise BadFeature("executed without a definition")
        path = os.path.join(self.folder, "workflow.yaml")
        log = os.path.join(self.folder, "events.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.definition + "\n")
        args = ["run", path, "--ephemeral", "-o", "json", "--events", log, *self.options]
        if self.input is not None:
            args += ["-i", "-"]
        self.result = wfrun(*args, stdin=None if self.input is None else json.dumps(self.input), timeout=60)
        self.events = events(log) if os.path.exists(log) else []

    def tasks(self, what):
        kind = f"io.serverlessworkflow.task.{what}.v1"
        return [event["data"]["name"] for event in self.events if event["type"] == kind]

    def output(self):
        return self.result.output()

    # Each step returns a finding, or None when it holds.

    def completes(self, _doc):
        return None if self.result.code == 0 else f"should complete\n{self.result}"

    def cancels(self, _doc):
        return None if self.result.code == 10 else f"should be cancelled\n{self.result}"

    def faults(self, _doc):
        return None if self.result.code == 1 else f"should fault\n{self.result}"

    def completes_with(self, doc):
        if self.result.code != 0:
            return self.completes(doc)
        expected = load_yaml(doc)
        return None if same(self.output(), expected) else f"output is {show(self.output())}\nexpected  {show(expected)}"

    def faults_with(self, doc):
        if self.result.code != 1:
            return self.faults(doc)
        fault, expected = self.result.fault(), load_yaml(doc)
        for name, value in expected.items():
            given = fault.get(name)
            if name == "type":
                given, value = plain_type(given), plain_type(value)
            if not same(given, value):
                return f"{name} of the error is {show(given)}\nexpected {show(value)}"
        return None

    def has_properties(self, _doc, names):
        for name in re.findall(r"'([^']+)'", names):
            if member(self.output(), name) is MISSING:
                return f"no property {name} in {show(self.output())}"
        return None

    def has_value(self, doc, name):
        given, expected = member(self.output(), name), load_yaml(doc)
        if given is MISSING:
            return f"no property {name} in {show(self.output())}"
        return None if same(given, expected) else f"{name} is {show(given)}\nexpected {show(expected)}"

    def has_items(self, _doc, name, count):
        given = member(self.output(), name)
        if not isinstance(given, (list, dict)):
            return f"{name} holds no items in {show(self.output())}"
        return None if len(given) == int(count) else f"{name} has {len(given)} items, expected {count}"

    def runs_at_an_end(self, _doc, task, end):
        started = self.tasks("started")
        place = 0 if end == "first" else -1
        return None if started and started[place] == task else f"tasks started: {started}; {task} should run {end}"

    def runs_beside(self, _doc, task, side, other):
        started = self.tasks("started")
        if task not in started or other not in started:
            return f"tasks started: {started}; {task} should run {side} {other}"
        later, earlier = (task, other) if side == "after" else (other, task)
        return None if started.index(earlier) < started.index(later) else f"{task} did not run {side} {other}: {started}"

    def task_ends(self, _doc, task, how):
        what = {"cancel": "cancelled", "complete": "completed", "fault": "faulted"}[how]
        return None if task in self.tasks(what) else f"{task} was not {what}; these were: {self.tasks(what)}"


NEEDS_DOC, NO_DOC = True, False
STEPS = [
    (r"the workflow should complete with output:", NEEDS_DOC, Scenario.completes_with),
    (r"the workflow should fault with error:", NEEDS_DOC, Scenario.faults_with),
    (r"the workflow should complete", NO_DOC, Scenario.completes),
    (r"the workflow should cancel", NO_DOC, Scenario.cancels),
    (r"the workflow should fault", NO_DOC, Scenario.faults),
    (r"the workflow output should have properties ((?:'[^']+'(?:, *)?)+)", NO_DOC, Scenario.has_properties),
    (r"the workflow output should have an? '([^']+)' property with value:", NEEDS_DOC, Scenario.has_value),
    (r"the workflow output should have an? '([^']+)' property containing (\d+) items?", NO_DOC, Scenario.has_items),
    (r"(\S+) should run (first|last)", NO_DOC, Scenario.runs_at_an_end),
    (r"(\S+) should run (before|after) (\S+)", NO_DOC, Scenario.runs_beside),
    (r"(\S+) should (cancel|complete|fault)", NO_DOC, Scenario.task_ends),
]


def findings(steps, options):
    """What is wrong with a scenario; an empty list when it passes."""
    scenario, wrong = Scenario(options), []
    for text, doc in steps:
        if text == "a workflow with definition:" and doc is not None:
            scenario.definition = doc
            continue
        if text == "the workflow input is:" and doc is not None:
            scenario.input = load_yaml(doc)
            continue
        if text == "the workflow is executed" and doc is None:
            scenario.execute()
            continue
        for pattern, needs_doc, check in STEPS:
            match = re.fullmatch(pattern, text)
            if match and (doc is not None) == needs_doc:
                break
        else:
            raise BadFeature(f"step not understood: {text}")
        if scenario.result is None:
            raise BadFeature(f"before the workflow was executed: {text}")
        try:
            finding = check(scenario, doc, *match.groups())
        except ValueError as error:
            finding = f"{error}\n{scenario.result}"
        if finding:
            wrong.append(f"{text}\n{finding}")
    if scenario.result is None:
        raise BadFeature("never executed")
    return wrong


def run():
    tap = Tap()
    with open(os.path.join(HERE, "expected-failures.yaml"), encoding="utf-8") as text:
        listed = load_yaml(text) or {}
    seen = set()
    stub = HttpsStub(["petstore.swagger.io", "httpbin.org"], pets)
    options = list(stub.options())
    root = os.path.join(HERE, "features")
    for version in sorted(os.listdir(root)):
        for feature in sorted(os.listdir(os.path.join(root, version))):
            title = f"{version} {feature.removesuffix('.feature')}"
            try:
                for name, steps in scenarios(os.path.join(root, version, feature)):
                    seen.add(name)
                    try:
                        wrong = findings(steps, options)
                    except BadFeature as error:
                        tap.case(f"{title}: {name}", [error])
                        continue
                    if name in listed:
                        tap.expected_failure(f"{title}: {name}", wrong, listed[name])
                    else:
                        tap.case(f"{title}: {name}", wrong)
            except BadFeature as error:
                tap.case(title, [error])
    for name in sorted(set(listed) - seen):
        tap.case(f"expected failure {name}", ["there is no such scenario"])
    stub.close()
    return tap.end()


main(run)
