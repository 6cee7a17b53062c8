"""wfrun.py: what the Python test runners share: TAP, YAML as the DSL reads it, running wfrun, a local HTTPS stub."""
import http.server
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request

import yaml

WFRUN = os.environ.get("WFRUN", "wfrun")
STOPPED = 42  # exit status of a process that the test door WFRUN_TEST_STOP_AFTER ended


class Yaml12(yaml.SafeLoader):
    """YAML 1.2 core scalars: `on`, `yes` and dates are text."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in pairs if tag.split(":")[-1] in ("int", "float", "null", "merge")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def load_yaml(text):
    return yaml.load(text, Yaml12)


def same(a, b):
    """JSON equality: 1 is 1.0, but no number is a boolean."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def show(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


class Tap:
    """Prints one TAP line per case; findings stand above as comments."""

    def __init__(self):
        self.count = self.failed = 0

    def _line(self, ok, name, note=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}{note}", flush=True)

    def case(self, name, findings):
        for finding in findings:
            for line in str(finding).splitlines():
                print(f"#   {line}")
        self._line(not findings, name)

    def expected_failure(self, name, findings, reason):
        """A listed failure that passes is a failure, so that the list cannot rot."""
        if findings:
            self._line(True, name, f" # TODO {reason}")
        else:
            print("#   passes, but is listed as an expected failure: take it off the list")
            self._line(False, name)

    def skip(self, name, reason):
        self._line(True, name, f" # SKIP {reason}")

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed or not self.count else 0


class Result:
    """How one call of wfrun ended."""

    def __init__(self, process):
        self.code = process.returncode
        self.stdout = process.stdout
        self.stderr = process.stderr

    def output(self):
        """The JSON value on standard output; a ValueError when it is not exactly one."""
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise ValueError(f"not one JSON value: {self}") from error

    def fault(self):
        """The error object: the last line of standard error."""
        lines = self.stderr.strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def __str__(self):
        return f"exit {self.code}\nstdout: {self.stdout[-2000:]}\nstderr: {self.stderr[-2000:]}"


def wfrun(*args, env=None, stdin=None, timeout=120):
    """Run wfrun to its end. A hang is an exit status of its own, never a hang of the suite."""
    try:
        return Result(
            subprocess.run(
                [WFRUN, *map(str, args)],
                env={**os.environ, "NO_COLOR": "1", **(env or {})},
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
            )
        )
    except subprocess.TimeoutExpired as hang:
        text = (hang.stderr or b"").decode(errors="replace")
        return Result(subprocess.CompletedProcess(hang.cmd, -1, "", f"{text}\nno end after {timeout} s"))


def events(path):
    """The life-cycle events of a file that --events wrote."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def scratch():
    """A folder that goes away with the process."""
    folder = tempfile.mkdtemp(prefix="wfrun-test-")
    import atexit

    atexit.register(shutil.rmtree, folder, True)
    return folder


class HttpsStub:
    """Answers for some hosts on a free loopback port, with a certificate of an authority made on the spot.

    routes(method, host, path, headers, body) returns (status, content type, bytes)."""

    def __init__(self, hosts, routes):
        self.hosts, self.folder = hosts, scratch()
        self.ca = os.path.join(self.folder, "ca.pem")
        self._certify()
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, data = routes(self.command, self.headers.get("Host", ""), self.path, self.headers, body)
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="stub"')
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "leaf.pem"), os.path.join(self.folder, "leaf.key"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _certify(self):
        names = ",".join(f"DNS:{host}" for host in self.hosts)
        for arguments in (
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca",
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj /CN=stub",
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem -days 2 -extfile leaf.ext",
        ):
            with open(os.path.join(self.folder, "leaf.ext"), "w", encoding="ascii") as extensions:
                extensions.write(f"subjectAltName={names}\n")
            subprocess.run(["openssl", *arguments.split()], cwd=self.folder, check=True, capture_output=True)

    def options(self):
        """What wfrun has to be told."""
        for host in self.hosts:
            yield from ("--connect-to", f"{host}:443:127.0.0.1:{self.port}")
        yield from ("--cacert", self.ca)

    def close(self):
        self.server.shutdown()


class Sandbox:
    """A partner-center-sandbox of our own, which outlives the runs that use it (`wfrun --sandbox=URL`)."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            ["partner-center-sandbox", "--port", "0", *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"partner-center-sandbox did not start (exit {self.process.wait()})")
        self.url = json.loads(line)["url"]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def counts(self):
        return self.ask("ledger")["counts"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def main(function):
    sys.exit(function())
