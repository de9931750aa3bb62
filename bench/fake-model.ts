import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dialectOf, type FakeDialect } from "./fake-dialects.ts";

// A model provider on loopback, as a process of its own, in the dialect of the path. What it answers is in the model's
// name: `plain`, or `<deltas>x<ms>` for a stream of so many deltas with so many milliseconds in between (0 = as fast as
// they can be written one by one), or `<deltas>xburst` for all of them in one write.

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    if (request.method === "GET") return response.end("ok");
    const path = request.url?.replace(/\?.*$/, "") ?? "/";
    const named = /"model":"(?:[a-z]+\/)?([^"]+)"/.exec(Buffer.concat(parts).toString())?.[1];
    const model = named ?? /\/models\/([^:]+):/.exec(path)?.[1] ?? "plain";
    const [deltas, pace] = model.split("x");
    const dialect = dialectOf(path);
    if (pace === undefined) answerWhole(response, dialect, model);
    else void answerStreamed(response, dialect, model, Number(deltas), pace);
  });
});
server.keepAliveTimeout = 0; // between two rounds a connection idles for long
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  console.log(`http://127.0.0.1:${port}`);
});

function answerWhole(response: ServerResponse, dialect: FakeDialect, model: string): void {
  const body = JSON.stringify(dialect.whole(model, "word ".repeat(20)));
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

async function answerStreamed(
  response: ServerResponse,
  dialect: FakeDialect,
  model: string,
  deltas: number,
  pace: string,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const begin = dialect.begin(model);
  const words = Array.from({ length: deltas }, (_, i) => dialect.word(`word ${i} `));
  const end = dialect.end();
  if (pace === "burst") return void response.end(begin + words.join("") + end);
  words[0] = begin + (words[0] ?? "");
  for (const word of words) {
    response.write(word);
    await pause(Number(pace));
    if (response.destroyed) return;
  }
  response.end(end);
}

function pause(ms: number): Promise<void> {
  return new Promise((wake) => (ms === 0 ? setImmediate(wake) : setTimeout(wake, ms)));
}
