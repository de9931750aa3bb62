import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import { buildOpenApi } from "../../src/api/openapi.ts";
import { type SuiteRig, startSuiteRig } from "../public-suites/suite-rig.ts";
import type { Json, TestGateway } from "../support/gateway.ts";
import { createJudge, type Judge, type Outcome } from "./judging.ts";
import { type FuzzRequest, type Operation, operationsOf, requestsFor } from "./operations.ts";
import type { Overrides } from "./schema-values.ts";

const isLong = process.env.OPENCLAW_TEST_LONG === "1";
/** Requests for each operation; there is more to go wrong where clients of all sorts send large bodies. */
const runsOf = ({ id }: Operation): number =>
  (isLong ? 100 : 2) * (/^(openai|anthropic|agent\.run|chat\.run)/.test(id) ? 4 : 1);
/** Another one each time in the long form; fast-check tells it when a test fails, with the least request that does. */
const seed = isLong ? Date.now() % 2 ** 31 : 20_261_125;
/** Streams that may go on for ever are judged by what came until then, ms. */
const patienceMs = isLong ? 10_000 : 4_000;

/** Made without a gateway, to know what there is to test; what is judged by is served by the gateway itself. */
const operations = operationsOf(buildOpenApi("2026.1.1") as Json); // a document is JSON

let rig: SuiteRig;
let gateway: TestGateway;
let document: Json;
let judge: Judge;
let known: Record<string, string[]>;

before(async () => {
  rig = await startSuiteRig();
  ({ gateway } = rig);
  document = (await gateway.api("GET", "/openapi.json")).body;
  judge = createJudge(document);
});
after(() => rig?.close());

/** One thing of each kind, so that requests can be about something. */
async function makeThings({ api }: TestGateway): Promise<Record<string, string[]>> {
  const made = async (path: string, body: Json): Promise<Json> => {
    const { status, body: it, text } = await api("POST", path, body);
    assert.ok(status < 300 || status === 409, `${path}: ${text}`); // an agent is there already
    return it;
  };
  const run = await made("/v1/runs", { message: "Hello!", sessionKey: "fuzz" });
  const response = await made("/v1/responses", { model: "builtin/demo", input: "Hello!" });
  const streamed = await made("/v1/responses", { model: "builtin/demo", input: "Hello!", background: true });
  const job = await made("/v1/cron", { name: "fuzz", schedule: "0 0 1 1 *", message: "Hello!" });
  const token = await made("/v1/tokens", { name: "fuzz", scopes: ["read"] });
  await made("/v1/agents", { id: "fuzz" });
  return {
    runId: [run.runId],
    sessionKey: ["fuzz", "a/b", "ü"],
    responseId: [response.id, streamed.id],
    jobId: [job.jobId ?? job.id],
    tokenId: [token.tokenId ?? token.id],
    agentId: ["fuzz", "default", "main"],
    channelId: ["telegram", "slack"],
    id: ["builtin/demo", "openclaw", "openclaw/fuzz"],
    approvalId: ["x"],
    entryId: ["x"],
  };
}

const models = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("builtin/demo", "openclaw") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "full-chat/plain",
      "full-resp/plain",
      "anthro/claude-sonnet-4-5",
      "gem/gemini-2.5-flash",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("openclaw/fuzz", "agent:default", "nobody/x", "demo", "") },
);

const said = { type: "message", role: "user", content: "Hello!" };
/** Conversations are answered where their end is the user's. */
const ending = (bySchema: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.constant([said]),
    bySchema,
    bySchema.map((it) => (Array.isArray(it) ? [...it, said] : it)),
  );

/** What a random value would be wrong for always, or harmful for: other machines, files of this one. */
const overrides: Overrides = {
  model: () => models,
  messages: ending,
  input: (it) => fc.oneof(fc.constant("Hello!"), ending(it)),
  previous_response_id: () => fc.constantFrom(...known.responseId!, "resp_x", null),
  dimensions: (it) => fc.oneof(fc.integer({ min: 1, max: 2_000 }), it),
  "Last-Event-ID": (it) => fc.oneof(fc.constantFrom("0", "1"), it),
  workspace: () => fc.constantFrom(1, 2, 3).map((it) => join(gateway.stateDir, `workspace-${it}`)),
  url: () => fc.constantFrom("http://127.0.0.1:9/x.png", "data:image/png;base64,iVBORw0KGgo=", "nonsense"),
  sessionKey: () => fc.constantFrom("fuzz", "fuzz-2", "ü"),
  agentId: () => fc.constantFrom("fuzz", "default", "nobody"),
};

async function send({ method }: Operation, { path, headers, body }: FuzzRequest): Promise<Outcome> {
  const response = await gateway.fetch(path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const type = (response.headers.get("content-type") ?? "").split(";")[0]!;
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const timer = setTimeout(() => reader?.cancel().catch(() => {}), patienceMs); // the answer may have ended by then
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
    text += decoder.decode(read.value, { stream: true });
  clearTimeout(timer);
  return { status: response.status, type, text };
}

describe("every operation keeps to the document that the gateway serves, whatever it is sent", () => {
  beforeEach(async () => {
    known = await makeThings(gateway); // earlier requests may have deleted those before
  });

  for (const [at, operation] of operations.entries()) {
    test(`${operation.method} ${operation.path}`, async () => {
      const served = operationsOf(document).find((it) => it.id === operation.id);
      assert.ok(served, "the gateway's own document has it");
      const requests = requestsFor(served, document, { known, overrides });
      const property = fc.asyncProperty(requests, async (request) => {
        const problems = judge(served, await send(served, request));
        assert.deepEqual(problems, [], JSON.stringify(request).slice(0, 2_000));
      });
      // Requests that fail are made smaller only where there is time for it.
      await fc.assert(property, { seed: seed + at, numRuns: runsOf(operation), endOnFailure: !isLong });
    });
  }

  test("and is still well after all that", async () => {
    assert.equal((await gateway.api("GET", "/readyz")).status, 200);
    assert.equal((await gateway.api("GET", "/status")).status, 200);
  });
});
