// graph_client.js: signs in with MSAL and works with the Microsoft Graph client against partner-center-sandbox.
//
// Reads the line the sandbox prints from the environment variable SANDBOX_LINE; NODE_EXTRA_CA_CERTS names its authority.
// Each check is one line of output; the first that fails ends the program with 1.
import assert from "node:assert/strict";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";

const E4_SKU = "1392051d-0cb9-4b7a-88d5-621fee5e8711";
const E5_SKU = "c7df2760-2c81-4ef7-b578-5b5392b571df";
const E5_OFFER = "A044B16A-1861-4308-8086-A3A3B506FAC2";

const line = JSON.parse(process.env.SANDBOX_LINE);
const secret = line.secrets["partner-center"];
const root = line.tlsUrl;

async function control(name, body) {
    const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const response = await fetch(`${root}/_sandbox/${name}`, options);
    assert.equal(response.status, 200);
    return response.json();
}

function application(tenant) {
    return new ConfidentialClientApplication({
        auth: {
            clientId: secret.clientId,
            clientSecret: secret.clientSecret,
            authority: `${root}/${tenant}`,
            knownAuthorities: [new URL(root).host],
        },
    });
}

async function accessToken(tenant, scope) {
    const result = await application(tenant).acquireTokenByClientCredential({ scopes: [scope] });
    assert.ok(result.accessToken);
    return result.accessToken;
}

async function buySeats(customer, quantity) {
    const token = await accessToken(secret.tenant, "https://graph.windows.net/.default");
    const response = await fetch(`${root}/v1/customers/${customer}/orders`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ lineItems: [{ lineItemNumber: 0, offerId: E5_OFFER, quantity }] }),
    });
    assert.equal(response.status, 201);
}

const swap = { addLicenses: [{ skuId: E5_SKU, disabledPlans: [] }], removeLicenses: [E4_SKU] };
const holders = `/users?$filter=assignedLicenses/any(s:s/skuId eq ${E4_SKU})&$select=id,userPrincipalName,assignedLicenses&$top=7`;

const checks = {
    async "client credentials through discovery"({ customer }) {
        await accessToken(customer, "https://graph.microsoft.com/.default");
    },
    async "a wrong secret is refused in the words of the service"({ customer }) {
        const app = new ConfidentialClientApplication({
            auth: {
                clientId: secret.clientId,
                clientSecret: "wrong",
                authority: `${root}/${customer}`,
                knownAuthorities: [new URL(root).host],
            },
        });
        const request = { scopes: ["https://graph.microsoft.com/.default"] };
        await assert.rejects(app.acquireTokenByClientCredential(request), /AADSTS7000215/);
    },
    async "subscribedSkus"({ graph }) {
        const { value } = await graph.api("/subscribedSkus").get();
        const e4 = value.find((sku) => sku.skuId === E4_SKU);
        assert.equal(e4.prepaidUnits.enabled, 30);
        assert.equal(e4.consumedUnits, 30);
    },
    async "PageIterator over filtered users"({ graph, users }) {
        const iterator = new PageIterator(graph, await graph.api(holders).get(), (user) => {
            users.push(user);
            return true;
        });
        await iterator.iterate();
        assert.equal(new Set(users.map((user) => user.id)).size, 30);
    },
    async "assignLicense, and no seats left as an error"({ graph, users, customer }) {
        await buySeats(customer, 21);
        await graph.api(`/users/${users[0].id}/assignLicense`).post(swap);
        const { value } = await graph.api(`/users/${users[0].id}/licenseDetails`).get();
        assert.deepEqual(value.map((detail) => detail.skuId), [E5_SKU]);
        await assert.rejects(graph.api(`/users/${users[0].id}/assignLicense`).post(swap), /corresponding license/);
    },
    async "twenty swaps in one $batch"({ graph, users }) {
        const content = new BatchRequestContent(
            users.slice(1, 21).map((user, n) => ({
                id: String(n + 1),
                request: new Request(`${root}/users/${user.id}/assignLicense`, {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify(swap),
                }),
            }))
        );
        const answer = new BatchResponseContent(await graph.api("/$batch").post(await content.getContent()));
        for (const [id, response] of answer.getResponses())
            assert.equal(response.status, 200, `${id}: ${await response.text()}`);
    },
    async "one part of a $batch that is throttled"({ graph, users }) {
        await control("faults", { rules: [{ kind: "throttle", route: "/v1.0/users/*", count: 1, retryAfter: 3 }] });
        const requests = users.slice(0, 2).map((user, n) => ({ id: String(n + 1), method: "GET", url: `/users/${user.id}` }));
        const { responses } = await graph.api("/$batch").post({ requests });
        assert.deepEqual(responses.map((part) => part.status).sort(), [200, 429]);
        assert.equal(responses.find((part) => part.status === 429).headers["Retry-After"], "3");
    },
    async "the client's own retry after 429"({ graph, users }) {
        await control("faults", { rules: [{ kind: "throttle", route: "/v1.0/users/*", count: 1, retryAfter: 1 }] });
        const user = await graph.api(`/users/${users[0].id}`).get();
        assert.equal(user.id, users[0].id);
        const { counts } = await control("ledger");
        assert.ok(counts.throttled >= 2);
        assert.equal(counts.licenseSwaps, 21);
        assert.equal(counts.usersWithoutLicense, 0);
    },
};

const { customers } = await control("dump");
const customer = customers[0].id;
const graph = Client.init({
    baseUrl: root,
    defaultVersion: "v1.0",
    customHosts: new Set([new URL(root).hostname]),
    authProvider: (done) =>
        accessToken(customer, "https://graph.microsoft.com/.default").then((token) => done(null, token), done),
});
const world = { customer, graph, users: [] };
for (const [name, check] of Object.entries(checks)) {
    await check(world);
    console.log(`ok ${name}`);
}
