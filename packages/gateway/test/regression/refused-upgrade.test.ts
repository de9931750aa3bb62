import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { raw } from "../support/raw-bytes.ts";

test("a WebSocket that is one too many is refused with the rate limit's headers, like any answer", async (t) => {
  const gateway = await startGateway({ config: { gateway: { limits: { connections: 1, perMinute: 50 } } } });
  t.after(() => gateway.close());
  const first = await gateway.ws();
  const answer = await raw(
    gateway.port,
    `GET /?token=${gateway.token} HTTP/1.1`,
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  );
  assert.match(answer, /^HTTP\/1\.1 429 /);
  assert.match(answer, /^Retry-After: \d+\r$/m);
  assert.match(answer, /^RateLimit-Policy: "default";q=50;w=60\r$/m);
  assert.match(answer, /^RateLimit: "default";r=\d+;t=\d+\r$/m);
  first.close();
});
