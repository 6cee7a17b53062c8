#!/usr/bin/env bats
# test_npm_clients.bats: clients that nobody here wrote (MSAL and the Microsoft Graph client) work with the sandbox's
# https listener. Skipped without Node.js 18 and npm, or when the npm registry cannot be reached.

load ../../plugins/sandbox-partner-center/sandbox.bash

setup_file() {
    start_sandbox --seed 1x30 --ca-out "$BATS_FILE_TMPDIR/ca.pem"
}

teardown_file() {
    stop_sandbox
}

@test "MSAL and the Graph client sign in, page, assign, batch and retry over https" {
    command -v npm > /dev/null || skip "npm is not installed"
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' || skip "Node.js is older than 18"
    work="$top_builddir/test-state/npm"
    mkdir -p "$work"
    cp "$BATS_TEST_DIRNAME"/{package.json,package-lock.json,.npmrc,graph_client.js} "$work"
    chmod -R u+w "$work"
    cd "$work"
    npm ci --no-audit --no-fund > npm.log 2>&1 || skip "npm ci cannot get the packages: $(tail -1 npm.log)"
    SANDBOX_LINE="$LINE" NODE_EXTRA_CA_CERTS="$BATS_FILE_TMPDIR/ca.pem" run node graph_client.js
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok ' <<< "$output")" -eq 8 ]
}
