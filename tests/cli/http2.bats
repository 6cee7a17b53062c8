#!/usr/bin/env bats
# HTTP/2 where the server offers it: Node.js is the other side, since the sandbox speaks HTTP/1.1 alone.
load helper

# A server whose answer says which version of HTTP asked, and how many connections there were so far.
serve() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -keyout key.pem -out ca.pem \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
    cat >server.js <<'JS'
const fs = require('fs'), http2 = require('http2');
const options = {key: fs.readFileSync('key.pem'), cert: fs.readFileSync('ca.pem'), allowHTTP1: true};
let connections = 0;
const server = http2.createSecureServer(options, (request, response) => {
    response.setHeader('content-type', 'application/json');
    setTimeout(() => response.end(JSON.stringify({version: request.httpVersion, connections})), 20);
});
server.on('secureConnection', () => connections++);
server.listen(0, '127.0.0.1', () => fs.writeFileSync('port', String(server.address().port)));
JS
    node server.js 3>&- &
    children+=($!)
    until_true test -s port
}

@test "calls at the same time share one connection of HTTP/2" {
    command -v node >/dev/null || skip "Node.js is not installed"
    serve
    workflow ask <<YAML
do:
  - all:
      for: {in: '[range(20)]'}
      metadata: {wfrun: {concurrency: 20}}
      do:
        - get: {call: http, with: {method: get, endpoint: 'https://localhost:$(cat port)/'}}
YAML
    run --separate-stderr wfrun --ephemeral --progress quiet --cacert ca.pem ask.yaml
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    [ "$(jq -c 'length, (map([.version, .connections]) | unique)' <<<"$output" | tr '\n' ' ')" = '20 [["2.0",1]] ' ]
}

@test "a server that nobody vouches for gets no request" {
    command -v node >/dev/null || skip "Node.js is not installed"
    serve
    workflow ask <<<$'do:\n  - get: {call: http, with: {method: get, endpoint: "https://localhost:'"$(cat port)"$'/"}}'
    run --separate-stderr wfrun --ephemeral ask.yaml
    [ "$status" -eq 1 ]
    [[ $stderr == *"self"*"signed certificate"* ]] || { echo "$stderr"; false; }
}
