import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { test } from "node:test";
import { sendErrorOf } from "../../src/channels/failures.ts";
import { SendError } from "../../src/channels/types.ts";

/** What `fetch` really throws. */
async function failureOf(url: string, signal?: AbortSignal): Promise<unknown> {
  return fetch(url, { method: "POST", body: "{}", ...(signal && { signal }) }).then(
    () => assert.fail("it was answered"),
    (thrown: unknown) => thrown,
  );
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

test("a refused connection is safe to try again", async () => {
  const server = createServer();
  const port = await portOf(server);
  await close(server);
  const error = sendErrorOf(await failureOf(`http://127.0.0.1:${port}/token-in-path`));
  assert.equal(error.outcome, "later");
  assert.match(error.message, /ECONNREFUSED/);
  assert.doesNotMatch(error.message, /token-in-path/);
  assert.equal(error.cause, undefined, "errors of SDKs carry headers and addresses");
});

test("a connection that is cut after the request was written may have done its work", async () => {
  const server = createServer((socket) => socket.once("data", () => socket.destroy()));
  const port = await portOf(server);
  try {
    assert.equal(sendErrorOf(await failureOf(`http://127.0.0.1:${port}`)).outcome, "unknown");
  } finally {
    await close(server);
  }
});

test("an abort and a time-out are unknown, even behind an error that says it never connected", async () => {
  const refused = Object.assign(new Error("no"), { code: "ECONNREFUSED" });
  for (const name of ["AbortError", "TimeoutError"]) {
    assert.equal(sendErrorOf(new DOMException("stopped", name)).outcome, "unknown");
    assert.equal(sendErrorOf(new Error("x", { cause: Object.assign(refused, { name }) })).outcome, "unknown");
  }
  assert.equal(sendErrorOf(await failureOf("http://127.0.0.1:1", AbortSignal.abort())).outcome, "unknown");
});

const system = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall });

for (const [what, thrown, outcome] of [
  ["a name that cannot be looked up", system("ENOTFOUND", "getaddrinfo"), "later"],
  ["a time-out while connecting", system("ETIMEDOUT", "connect"), "later"],
  ["a time-out while reading", system("ETIMEDOUT", "read"), "unknown"],
  ["a reset while reading", system("ECONNRESET", "read"), "unknown"],
  ["a certificate that is not trusted", system("DEPTH_ZERO_SELF_SIGNED_CERT"), "later"],
  ["undici's own time-out of connecting", system("UND_ERR_CONNECT_TIMEOUT"), "later"],
  ["undici's cut socket", new TypeError("x", { cause: system("UND_ERR_SOCKET") }), "unknown"],
  ["an error wrapped by grammY", Object.assign(new Error("x"), { error: system("ECONNREFUSED") }), "later"],
  ["an error wrapped by Slack's SDK", { original: { cause: system("ECONNREFUSED") } }, "later"],
  [
    "several addresses that all refused",
    new AggregateError([system("ECONNREFUSED", "connect"), system("ENETUNREACH", "connect")]),
    "later",
  ],
  [
    "several addresses of which one was connected",
    Object.assign(new AggregateError([system("ECONNREFUSED", "connect"), system("EPIPE", "write")]), {
      code: "ECONNREFUSED",
    }),
    "unknown",
  ],
  ["something that is no error", "boom", "unknown"],
] as const) {
  test(`${what} is ${outcome}`, () => {
    assert.equal(sendErrorOf(thrown).outcome, outcome);
  });
}

test("a verdict that was reached before stays", () => {
  const refused = new SendError("refused", "The chat is gone.");
  assert.equal(sendErrorOf(refused), refused);
});

test("errors that point at each other do not hang", () => {
  const error = new Error("x");
  error.cause = error;
  assert.equal(sendErrorOf(error).outcome, "unknown");
});
