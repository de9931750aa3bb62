import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { hello, setUp, until, wires } from "./wire-under-test.ts";

for (const name of wires) {
  test(`${name}: an abort closes the upstream socket and rejects with the signal's reason`, async (t) => {
    const { wire, model, fake } = await setUp(t, name, { script: [{ text: "one" }, { hang: true }] });
    const abort = new AbortController();
    const reason = new Error("enough");
    const seen: string[] = [];
    await assert.rejects(
      async () => {
        for await (const event of wire.stream(hello(model), { signal: abort.signal })) {
          seen.push(event.type);
          setImmediate(() => abort.abort(reason));
        }
      },
      (thrown) => thrown === reason,
    );
    assert.deepEqual(seen, ["text"]);
    await until(() => fake.aborted() === 1);
    assert.equal(getEventListeners(abort.signal, "abort").length, 0);
  });

  test(`${name}: an abort before the answer begins closes the upstream socket`, async (t) => {
    const { fake, ask } = await setUp(t, name, { script: [{ hang: true }] });
    const abort = new AbortController();
    const rejected = assert.rejects(ask({}, abort.signal), /enough/);
    await until(() => fake.requests.length === 1);
    abort.abort(new Error("enough"));
    await rejected;
    await until(() => fake.aborted() === 1);
    assert.equal(getEventListeners(abort.signal, "abort").length, 0);
  });

  test(`${name}: a signal that is aborted already asks nobody`, async (t) => {
    const { fake, ask } = await setUp(t, name);
    await assert.rejects(ask({}, AbortSignal.abort(new Error("enough"))), /enough/);
    assert.equal(fake.requests.length, 0);
  });

  test(`${name}: a reader that leaves closes the upstream socket`, async (t) => {
    const { wire, model, fake } = await setUp(t, name, { script: [{ text: "one" }, { hang: true }] });
    for await (const _ of wire.stream(hello(model), { signal: new AbortController().signal })) break;
    await until(() => fake.aborted() === 1);
  });

  test(`${name}: a finished call leaves no listener and its connection is used again`, async (t) => {
    const { ask, fake } = await setUp(t, name, { script: [{ text: "one" }] });
    const abort = new AbortController();
    for (let count = 0; count < 6; count++) await ask({}, abort.signal);
    assert.equal(getEventListeners(abort.signal, "abort").length, 0);
    assert.equal(fake.aborted(), 0);
    assert.ok(fake.connections() <= 2, `${fake.connections()}`); // the last bytes of an answer may still be on their way
  });
}

test("openai: a reader that does not pull pauses the provider", async (t) => {
  const chunk = `data: {"choices":[{"delta":{"content":"${"x".repeat(10_000)}"}}]}\n\n`;
  let written = 0;
  let over = false;
  const { wire, model, fake } = await setUp(t, "openai", { limits: { unreadBytes: 20_000 } });
  fake.serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const pump = (): void => {
      while (written < 5000 && response.write(chunk)) written++;
      if (written < 5000) {
        written++;
        response.once("drain", pump);
      } else {
        over = true;
        response.end("data: [DONE]\n\n");
      }
    };
    pump();
  });
  const events = wire.stream(hello(model), { signal: new AbortController().signal })[Symbol.asyncIterator]();
  await events.next();
  let before = -1;
  let quiet = 0;
  await until(() => {
    quiet = before === written ? quiet + 1 : 0; // nothing moves any more: every buffer on the way is full
    before = written;
    return over || quiet === 40;
  });
  assert.equal(over, false);
  let total = 1;
  for (let next = await events.next(); !next.done; next = await events.next())
    if (next.value.type === "text") total++;
  assert.equal(total, 5000);
});

test("openai: a provider that ends its answer a little after [DONE] keeps its connection", async (t) => {
  const { ask, fake } = await setUp(t, "openai");
  let end = () => {};
  fake.serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    );
    end = () => response.end();
  });
  await ask();
  let looks = 0;
  await until(() => fake.aborted() > 0 || ++looks === 20); // long enough for a closed socket to be noticed
  assert.equal(fake.aborted(), 0);
  end();
});
