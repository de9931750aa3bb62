import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Place } from "../../src/channels/discord/channels.ts";
import { readMessage } from "../../src/channels/discord/inbound.ts";
import { message } from "../../src/channels/discord/wire.ts";
import { botId } from "../support/discord-server.ts";

/** A message as Discord's documentation describes it, the channel it stands in, and what has to come of it. */
interface Recorded {
  payload: unknown;
  place: Place | null;
  expected: unknown;
}

const folder = new URL("fixtures/discord/", import.meta.url);

for (const file of readdirSync(folder).sort()) {
  const { payload, place, expected } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recorded; // ours
  test(`a payload is read as it is meant: ${file.replace(".json", "").replaceAll("-", " ")}`, () => {
    const said = readMessage(message.parse(payload), {
      botId,
      botRoleId: "900000000000000001",
      prefix: "!",
      place: place ?? undefined,
    });
    assert.deepEqual(said ?? null, expected);
  });
}
