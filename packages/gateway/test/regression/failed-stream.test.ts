import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { allEvents } from "../support/sse.ts";

test("the error at the end of a stream names the request, as every error does", async (t) => {
  const gateway = await startGateway();
  t.after(() => gateway.close());
  const response = await gateway.fetch("/v1/agent/run/stream", {
    method: "POST",
    body: JSON.stringify({ message: "/slow 500", options: { timeoutMs: 60 } }),
  });
  const last = (await allEvents(response)).at(-1)!;
  assert.equal(last.event, "error");
  assert.equal(last.data.error.code, "timeout");
  assert.equal(last.data.error.requestId, response.headers.get("x-request-id"));
  const again = await gateway.fetch(`/v1/runs/${last.data.runId}/events`);
  const replayed = (await allEvents(again)).at(-1)!;
  assert.equal(replayed.data.error.requestId, again.headers.get("x-request-id"));
});
