#!/usr/bin/env python3
"""Speed, as ratios: each case is timed beside a floor or a peer in the same run, turn by turn, and printed as one JSON
line with medians. Digits of one machine say little; the ratio says how much of the time is ours.

Usage: bench.py BUILDDIR [CASE...]"""
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

BUILD = os.path.abspath(sys.argv[1])
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WANTED = sys.argv[2:]
WFRUN = os.path.join(BUILD, "wfrun")
os.environ["WFRUN_ISOLATION"] = "in-process"  # unless a case is about the other way
HEAD = "document: {dsl: '1.0.3', namespace: bench, name: %s, version: '1.0.0'}\n"


def timed(argv, expect=0, env=None):
    """Seconds of wall time and peak KiB of one process, from start to end."""
    run = subprocess.run([os.path.join(BUILD, "tests/bench/measure"), *argv], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True,
                         env=dict(os.environ, **(env or {})))
    *words, result = run.stderr.rstrip().split("\n")
    result = json.loads(result)
    if result["exit"] != expect:
        sys.exit("\n".join([f"{' '.join(argv)}: exit {result['exit']}, expected {expect}", *words]))
    return result["seconds"], result["peak_kib"]


def paired(ours, floor, rounds):
    """Medians of both, measured in turn so that a busy moment hits both alike."""
    mine, theirs, peak = [], [], 0
    for _ in range(rounds):
        seconds, kib = ours()
        mine.append(seconds)
        peak = max(peak, kib)
        theirs.append(floor())
    return statistics.median(mine), statistics.median(theirs), peak


def show(case, ours, floor, beside, aim, **more):
    print(json.dumps({"case": case, "seconds": round(ours, 5), beside: round(floor, 5),
                      "ratio": round(ours / floor, 3), "aim": aim, **more}), flush=True)


def curl_floor(flight, requests):
    return json.loads(subprocess.check_output([os.path.join(BUILD, "tests/bench/curl_floor"), str(flight), requests]))


def workflow(folder, name, body):
    path = os.path.join(folder, name + ".yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD % name + body)
    return path


def bench_start(folder):
    path = workflow(folder, "set", "do:\n- one: {set: {a: '${ .b }'}}\n")
    ours, floor, peak = paired(lambda: timed([WFRUN, "run", "--ephemeral", path]),
                               lambda: timed(["/bin/true"])[0], 21)
    show("one-set", ours, floor, "process_that_does_nothing", "under 0.010 s and 12288 KiB", peak_kib=peak)


def bench_loop(folder):
    path = workflow(folder, "loop", "do:\n- loop:\n    for: {in: '[range(10000)]'}\n"
                    "    do: [{one: {set: {n: '${ $item + 1 }'}}}]\n")
    ours, floor, peak = paired(
        lambda: timed([WFRUN, "run", "--ephemeral", path]),
        lambda: timed(["jq", "-n", "reduce range(10000) as $i ({}; {n: ($i + 1)})"])[0], 7)
    show("10000-sets", ours, floor, "jq_reduce", "under 0.2 s", peak_kib=peak)


def bench_http(folder):
    """Without progress lines, for the floor prints none."""
    server = subprocess.Popen([os.path.join(BUILD, "tests/bench/httpd")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(server.stdout.readline())
    count = 50000  # long enough for what both do once to weigh little
    requests = os.path.join(folder, "requests")
    with open(requests, "w", encoding="utf-8") as file:
        file.write(f"GET http://127.0.0.1:{port}/pet -\n" * count)
    for flight in (64, 1000):
        path = workflow(folder, f"http{flight}", f"""do:
- loop:
    for: {{in: '[range({count})]'}}
    metadata: {{wfrun: {{concurrency: {flight}}}}}
    do: [{{get: {{call: http, with: {{method: get, endpoint: 'http://127.0.0.1:{port}/pet'}}, output: {{as: .id}}}}}}]
    output: {{as: length}}
""")

        def floor(flight=flight):
            answer = curl_floor(flight, requests)
            if answer["failed"] or answer["requests"] != count:
                sys.exit(f"curl_floor: {answer}")
            return answer["seconds"]

        ours, bare, peak = paired(lambda path=path: timed([WFRUN, "run", "--progress=quiet", "--ephemeral", path]),
                                  floor, 5)
        show(f"http-{flight}-in-flight", ours, bare, "bare_curl_multi", "share of at least 0.7",
             share=round(bare / ours, 3), peak_kib=peak)
    server.stdin.close()
    server.wait()


def bench_resume(folder):
    path = workflow(folder, "resume", """do:
- loop:
    for: {in: '[range(10000)]'}
    metadata: {wfrun: {concurrency: 64}}
    do: [{step: {call: fx-echo, with: {n: '${ $item }'}}}]
    output: {as: length}
- last: {wait: PT0.001S}
""")
    mine, theirs = [], []
    for turn in range(5):
        state = os.path.join(folder, f"resume{turn}.db")
        argv = [WFRUN, "run", "--state", state, "--run-id", "r", "--plugin-dir", os.path.join(BUILD, "tests/plugins"), path]
        timed(argv, expect=42, env={"WFRUN_TEST_STOP_AFTER": "10001"})
        floor, _ = timed(["sqlite3", state, "select count(*), sum(length(json)) from op"])
        seconds, _ = timed([WFRUN, "resume", "--state", state, "--plugin-dir", os.path.join(BUILD, "tests/plugins"), "r"])
        mine.append(seconds)
        theirs.append(floor)
    show("resume-10000-steps", statistics.median(mine), statistics.median(theirs), "sqlite_reads_the_rows", "under 0.5 s")


class Sandbox:
    """A Partner Center sandbox of C customers with U users each, its state in a file as wfrun's own would have it."""

    def __init__(self, folder, size, *options):
        state = os.path.join(folder, f"sandbox{len(os.listdir(folder))}.db")
        program = os.path.join(BUILD, "plugins/sandbox-partner-center/partner-center-sandbox")
        self.process = subprocess.Popen([program, "--exit-with-parent", "--seed", size, "--state", state, *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        greeting = json.loads(self.process.stdout.readline())
        self.url, self.secret = greeting["url"], greeting["secrets"]["partner-center"]

    def ask(self, name, body=None):
        request = urllib.request.Request(f"{self.url}/_sandbox/{name}", body and json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def counts(self):
        return self.ask("ledger")["counts"]

    def token(self, tenant, **fields):
        fields.update(client_id=self.secret["clientId"], client_secret=self.secret["clientSecret"])
        with urllib.request.urlopen(f"{self.url}/{tenant}/oauth2/v2.0/token",
                                    urllib.parse.urlencode(fields).encode()) as answer:
            return json.load(answer)["access_token"]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def with_tokens(sandbox, record):
    """The recorded requests for curl_floor: whole addresses, and a token of this sandbox for each. A record does not
    say in which customer's tenant a Graph request was made; one customer is like the other, so each gets its turn."""
    user = sandbox.token(sandbox.secret["tenant"], grant_type="refresh_token",
                         refresh_token=sandbox.secret["refreshToken"],
                         scope="https://api.partnercenter.microsoft.com/.default")
    tenants = {line.split("/")[1] for line in record if "/oauth2/" in line} - {sandbox.secret["tenant"]}
    graph = itertools.cycle([sandbox.token(tenant, grant_type="client_credentials",
                                           scope="https://graph.microsoft.com/.default") for tenant in sorted(tenants)])
    for line in record:
        method, path, *body = line.rstrip("\n").split(" ", 2)
        token = "-" if "/oauth2/" in path else next(graph) if path.startswith("/v1.0/") else user
        yield " ".join([method, sandbox.url + path, token, *body]) + "\n"


def bench_e4(folder):
    """The flagship from start to end beside a bare curl_multi program that sends the very requests it sent, each to a
    fresh sandbox that is up already. WFRUN_BENCH_E4=100x200 is the size that counts; the default is a tenth of it."""
    size = os.environ.get("WFRUN_BENCH_E4", "20x100")
    customers, users = map(int, size.split("x"))
    wanted = {"orders": customers, "licenseSwaps": customers * users, "suspensions": customers, "duplicateOrders": 0,
              "usersWithoutLicense": 0}
    record, requests = os.path.join(folder, "record"), os.path.join(folder, "requests")
    turn = itertools.count()

    def ours():
        sandbox = Sandbox(folder, size, "--record", record)
        result = timed([WFRUN, "run", "--state", os.path.join(folder, f"e4-{next(turn)}.db"), "--sandbox=" + sandbox.url,
                        os.path.join(SOURCE, "workflows/e4-to-e5.yaml")])
        counts = sandbox.counts()
        sandbox.end()
        if {name: counts[name] for name in wanted} != wanted:
            sys.exit(f"e4: the ledger counts {counts}, expected {wanted}")
        return result

    def floor():
        sandbox = Sandbox(folder, size)
        with open(record, encoding="utf-8") as lines, open(requests, "w", encoding="utf-8") as file:
            file.writelines(with_tokens(sandbox, lines.readlines()))
        answer = curl_floor(64, requests)
        sandbox.end()
        if answer["failed"] > answer["requests"] / 50:  # some overtake the order that they need
            sys.exit(f"curl_floor: {answer}")
        return answer["seconds"]

    mine, theirs, peak = paired(ours, floor, 3)
    show("e4-to-e5", mine, theirs, "bare_curl_multi", "ratio under 1.5 and 65536 KiB", size=size, peak_kib=peak)


def bench_throttled(folder):
    """100 customers at once against a service that takes 5 requests a second for each: the share of what it would take
    while the run lasts. By the real clock; a request before the end of a Retry-After ends the benchmark."""
    customers, rate = 100, 5
    shutil.copytree(os.path.join(SOURCE, "workflows"), os.path.join(folder, "wide"))
    wide = os.path.join(folder, "wide", "sku-retirement-all.yaml")
    with open(wide, encoding="utf-8") as file:
        text = file.read()
    with open(wide, "w", encoding="utf-8") as file:
        file.write(text.replace("concurrency: 8", f"concurrency: {customers}"))
    record = os.path.join(folder, "throttled")
    sandbox = Sandbox(folder, f"{customers}x2", "--record", record)
    sandbox.ask("settings", {"customer_per_second": rate})
    seconds, _ = timed([WFRUN, "run", "--ephemeral", "--sandbox=" + sandbox.url, "--sandbox-clock", "real",
                        os.path.join(folder, "wide", "e4-to-e5.yaml")],
                       env={"WFRUN_PARTNER_CENTER_RATE": "0", "WFRUN_PARTNER_CENTER_RATE_PER_CUSTOMER": str(60 * rate)})
    counts = sandbox.counts()
    sandbox.end()
    if counts["retryAfterViolations"] or counts["orders"] != customers:
        sys.exit(f"throttled: the ledger counts {counts}")
    with open(record, encoding="utf-8") as lines:
        requests = sum(" /v1/customers/" in line for line in lines)
    print(json.dumps({"case": "throttled", "seconds": round(seconds, 3), "requests": requests,
                      "throttled": counts["throttled"], "share": round(requests / seconds / customers / rate, 3),
                      "aim": "share of at least 0.9"}), flush=True)


def bench_apart(folder):
    """The same 5,000 blocking calls in wfrun's process and in one of the plugin's own."""
    calls = 5000
    path = workflow(folder, "apart", f"do:\n- loop:\n    for: {{in: '[range({calls})]'}}\n"
                    "    do: [{one: {call: good-well}}]\n")
    argv = [WFRUN, "run", "--ephemeral", "--progress", "quiet", "--plugin-dir",
            os.path.join(BUILD, "tests/plugins/killers/.libs"), path]
    ours, floor, peak = paired(lambda: timed([*argv, "--isolation", "process"]),
                               lambda: timed([*argv, "--isolation", "in-process"])[0], 7)
    show("call-apart", ours, floor, "in_process", "under 60 us more for a call", peak_kib=peak,
         us_more_per_call=round((ours - floor) / calls * 1e6, 1))


CASES = {"start": bench_start, "loop": bench_loop, "http": bench_http, "resume": bench_resume, "e4": bench_e4,
         "throttled": bench_throttled, "apart": bench_apart}


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(WFRUN_STATE=os.path.join(folder, "wfrun.db"), WFRUN_PLUGIN_DIR=os.path.join(BUILD, "plugins/all"))
        for name in WANTED or CASES:
            CASES[name](folder)


if __name__ == "__main__":
    main()
