import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { raw } from "../support/raw-bytes.ts";

const password = "pä:ss wörd";
let gateway: TestGateway;

before(async () => {
  gateway = await startGateway({ config: { gateway: { auth: { mode: "password", password } } } });
});

after(() => gateway.close());

/** The text as `raw` must be given it, so that these bytes go out. */
function base64(encoding: "utf8" | "latin1"): string {
  return Buffer.from(`user:${password}`, encoding).toString("base64");
}

test("a password with letters beyond ASCII is accepted as clients write it: UTF-8, in Basic also Latin-1", async () => {
  for (const header of [
    `X-OpenClaw-Password: ${password}`,
    `Authorization: Bearer ${password}`,
    `x-api-key: ${password}`,
    `Authorization: Basic ${base64("utf8")}`,
    `Authorization: Basic ${base64("latin1")}`,
  ]) {
    assert.match(await raw(gateway.port, "GET /status HTTP/1.1", header), /^HTTP\/1\.1 200 /, header);
  }
  const wrong = await raw(gateway.port, "GET /status HTTP/1.1", "X-OpenClaw-Password: pö:ss wörd");
  assert.match(wrong, /^HTTP\/1\.1 401 /);
});
