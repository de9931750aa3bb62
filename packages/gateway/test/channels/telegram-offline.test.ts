import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { channel } from "../../src/channels/telegram/index.ts";
import { begin, join, setupOf } from "../support/adapter-rig.ts";
import { startTelegramStandIn } from "../support/telegram-server.ts";

const { cache } = createRequire(import.meta.url);

function isLoaded(): boolean {
  return Object.keys(cache).some((it) => it.includes("/node_modules/grammy/"));
}

// A file of its own, and so a process: what another test loads would be there.
test("the library is loaded once Telegram was reached, and not before", async () => {
  const server = await startTelegramStandIn();
  const { token, apiRoot } = server;
  const settings = channel.settings.parse({ token, apiRoot });
  await server.close();
  const offline = begin(channel.create(setupOf("telegram", settings)));
  assert.ok((await offline.ended) instanceof Error);
  assert.equal(isLoaded(), false);

  const again = await startTelegramStandIn();
  const online = channel.create(setupOf("telegram", { ...settings, apiRoot: again.apiRoot }));
  await (await join(online)).stop();
  assert.equal(isLoaded(), true);
  await again.close();
});
