import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { comparable, expected, send } from "./both-ways.ts";
import { failures } from "./failures.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { type Asked, leastBodies, requests } from "./requests.ts";

let server: ModelServer;
let gateway: TestGateway;

before(async () => {
  server = await startModelServer();
  const provider = (api: string) => ({ api, baseUrl: `${server.url}/v1`, apiKey: "sk-upstream" });
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          chat: provider("openai-completions"),
          resp: provider("openai-responses"),
          anthro: provider("anthropic-messages"),
        },
      },
    },
  });
});

after(async () => {
  await gateway?.close();
  await server?.close();
});

/** The provider of the gateway that speaks the dialect of a path. */
function providerFor(path: string): string {
  if (path.startsWith("/v1/responses")) return "resp";
  return path.startsWith("/v1/messages") ? "anthro" : "chat";
}

async function bothWays({ path, model, body }: Asked) {
  const asked = `${providerFor(path)}/${model}`;
  const direct = await send(server.url + path, { model, ...body }, { authorization: "Bearer sk-direct" });
  const sentDirectly = server.received.at(-1)!;
  const before = server.received.length;
  const headers = {
    authorization: `Bearer ${gateway.token}`,
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "a,b",
  };
  const through = await send(gateway.url + path, { model: asked, ...body }, headers);
  return { asked, direct, through, sentDirectly, sentThrough: server.received.slice(before) };
}

/** What the provider should have got: the caller's body, but for the storing that the gateway does itself. */
function handedOn(path: string, body: Json): Json {
  return path === "/v1/responses" ? { ...body, store: false } : body;
}

test("more than a hundred requests are compared, and no two have the same name", () => {
  assert.ok(requests.length > 100, String(requests.length));
  assert.equal(new Set(requests.map((it) => it.name)).size, requests.length);
});

describe("the same comes directly from a provider and through the gateway", () => {
  for (const request of requests) {
    test(request.name, async () => {
      const { path } = request;
      const { asked, direct, through, sentDirectly, sentThrough } = await bothWays(request);
      assert.equal(sentThrough.length, 1, `the provider is asked once: ${JSON.stringify(through.body)}`);
      assert.deepEqual(sentThrough[0]!.body, handedOn(path, sentDirectly.body));
      assert.equal(through.status, direct.status, JSON.stringify(through.body));
      if (direct.status !== 200) {
        assert.equal(through.body?.error.message, direct.body!.error.message);
        return;
      }
      assert.equal(through.type, direct.type);
      assert.ok(through.headers.get("x-request-id"));
      if (direct.body) {
        assert.deepEqual(comparable(path, through.body!), expected(path, asJson(direct.body), asked));
        return;
      }
      assert.deepEqual(
        through.events.map(({ event, data }) => ({ event, data: comparable(path, data) })),
        direct.events.map(({ event, data }) => ({ event, data: expected(path, data, asked) })),
      );
      assert.equal(through.done, !path.startsWith("/v1/messages"), "the stream ends as its dialect wants it");
    });
  }
});

describe("a provider that fails is told of by the status that the contract has for it", {
  concurrency: 8,
}, () => {
  for (const [model, { status, through: wanted, tells, body: told }] of Object.entries(failures)) {
    for (const [path, least] of Object.entries(leastBodies)) {
      for (const stream of path === "/v1/embeddings" ? [false] : [false, true]) {
        // A model of its own for each, for one that failed is left alone for a while.
        const own = `${model}~${path}~${stream}`;
        test(`${model} on ${path}${stream ? ", streamed" : ""}`, async () => {
          const { direct, through } = await bothWays({
            name: own,
            path,
            model: own,
            body: { ...least, ...(stream && { stream }) },
          });
          assert.equal(direct.status, status);
          assert.equal(through.status, wanted, JSON.stringify(through.body));
          assert.equal(through.type, "application/json");
          const { error } = through.body!;
          const message = wordsOf(told);
          assert.equal(error.message.includes(message), tells, `${error.message} / ${message}`);
          if (wanted === 429) assert.ok(Number(through.headers.get("retry-after")) >= 1);
        });
      }
    }
  }
});

describe("an answer that breaks off is told of by a last event", () => {
  for (const path of ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"]) {
    test(path, async () => {
      const headers = { authorization: `Bearer ${gateway.token}` };
      const body = { model: `${providerFor(path)}/cut`, ...leastBodies[path], stream: true };
      const { status, events, done } = await send(gateway.url + path, body, headers);
      assert.equal(status, 200);
      const error = events.find(({ data }) => data.error)?.data.error;
      assert.match(error.message, /broke off/);
      if (path !== "/v1/responses") assert.equal(done, false);
    });
  }
});

test("a provider that does not stream is heard all the same", async () => {
  const headers = { authorization: `Bearer ${gateway.token}` };
  for (const path of ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"]) {
    const body = { model: `${providerFor(path)}/never-streams`, ...leastBodies[path], stream: true };
    const { status, type, events } = await send(gateway.url + path, body, headers);
    assert.deepEqual([path, status, type], [path, 200, "text/event-stream"]);
    assert.match(JSON.stringify(events), /Answer|once upon/);
  }
});

test("the caller's key and headers stay with the gateway, but for those of the dialect", async () => {
  const { sentThrough } = await bothWays({
    name: "",
    path: "/v1/messages",
    model: "plain",
    body: leastBodies["/v1/messages"]!,
  });
  const { headers } = sentThrough[0]!;
  assert.deepEqual([headers["x-api-key"], headers["anthropic-beta"]], ["sk-upstream", "a,b"]);
  assert.ok(!JSON.stringify(headers).includes(gateway.token));
});

/** As it is after it went over a wire. */
function asJson(value: Json): Json {
  return JSON.parse(JSON.stringify(value));
}

/** The words of an error's body, whichever of the usual shapes it has. */
function wordsOf(told: unknown): string {
  if (typeof told === "string") return told;
  const { error, message, detail } = told as {
    error?: { message: string };
    message?: string;
    detail?: string;
  }; // of the table
  return error?.message ?? message ?? detail ?? "";
}
