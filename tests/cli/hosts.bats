#!/usr/bin/env bats
# hosts.bats: the setting `hosts` of a plugin keeps the HTTP that wfrun does for it to these hosts.
load helper

# Two servers: whatever the first is asked, it redirects to the second. Each writes what it was asked to a file.
serve() {
    cat >server.py <<'PY'
import http.server, sys, threading

class Second(http.server.BaseHTTPRequestHandler):
    name = 'second'
    def do_GET(self):
        with open(self.name, 'a') as log:
            log.write(self.command + '\n')
        if self.name == 'first':
            self.send_response(307)
            self.send_header('Location', 'http://127.0.0.1:%d/' % second.server_port)
        else:
            self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()
    do_POST = do_GET
    def log_message(self, *_):
        pass

class First(Second):
    name = 'first'

first, second = (http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) for handler in (First, Second))
threading.Thread(target=second.serve_forever, daemon=True).start()
with open('ports', 'w') as ports:
    ports.write('%d %d\n' % (first.server_port, second.server_port))
first.serve_forever()
PY
    python3 server.py 3>&- &
    children+=("$!")
    until_true test -s ports
    read -r first second <ports
    for method in get post; do
        workflow $method <<YAML
do: [{ask: {call: http, with: {method: $method, endpoint: 'http://127.0.0.1:$first/', redirect: true}}}]
YAML
    done
}

asks() { run "$1" --separate-stderr wfrun run --ephemeral "$2"; }

@test "a request to a host that is not let is not made" {
    serve
    for WFRUN_ISOLATION in in-process process; do
        export WFRUN_ISOLATION
        WFRUN_HTTP_HOSTS='example.com *.example.org' asks -1 get.yaml
        [[ $stderr == *"get.yaml:6:"*"Configuration Error: GET http://127.0.0.1:$first/ is refused: the setting \`hosts\` of the plugin does not have this host: http://127.0.0.1:$first/"* ]]
        WFRUN_HTTP_HOSTS="127.0.0.1:$second" asks -1 post.yaml
        [[ $stderr == *"does not have this host"* ]]
    done
    [ ! -e first ] && [ ! -e second ]
}

@test "a redirect does not lead to a host that is not let" {
    serve
    WFRUN_HTTP_HOSTS="127.0.0.1:$first" asks -1 get.yaml
    [[ $stderr == *"redirected, and the setting \`hosts\` of the plugin does not have this host: http://127.0.0.1:$second/"* ]]
    [ "$(cat first)" = GET ] && [ ! -e second ]
    WFRUN_HTTP_HOSTS="127.0.0.1:$first" asks -1 post.yaml
    [[ $stderr == *"got no whole answer: redirected, and "* ]] # the first may have done what it was asked for
    [ ! -e second ]
}

@test "hosts that are let are asked" {
    serve
    WFRUN_HTTP_HOSTS="example.com 127.0.0.1" asks -0 get.yaml
    WFRUN_HTTP_HOSTS="127.0.0.1:$first 127.0.0.1:$second" asks -0 post.yaml
    [ "$(tr '\n' ' ' <second)" = 'GET POST ' ]
}

@test "a list that is none is a refusal with words" {
    workflow get <<<"do: [{ask: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:1/'}}}]"
    WFRUN_HTTP_HOSTS='ok.example https://example.com/' asks -5 get.yaml
    [[ $stderr == *"its setting hosts has \`https://example.com/\`"*"HOST or *.DOMAIN, with :PORT or without"* ]]
}
