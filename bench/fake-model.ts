import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

// A model provider on loopback, as a process of its own. What it answers is in the model's name: `plain`, or
// `<deltas>x<ms>` for a stream of so many deltas with so many milliseconds in between (0 = as fast as they can
// be written one by one), or `<deltas>xburst` for all of them in one write.

const common = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_767_225_600 };
const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    if (request.method === "GET") return response.end("ok");
    const model = /"model":"(?:fake\/)?([^"]+)"/.exec(Buffer.concat(parts).toString())?.[1] ?? "plain";
    const [deltas, pace] = model.split("x");
    if (pace === undefined) answerWhole(response, model);
    else void answerStreamed(response, model, Number(deltas), pace);
  });
});
server.keepAliveTimeout = 0; // between two rounds a connection idles for long
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  console.log(`http://127.0.0.1:${port}`);
});

function answerWhole(response: ServerResponse, model: string): void {
  const message = { role: "assistant", content: "word ".repeat(20) };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  const body = JSON.stringify({ ...common, object: "chat.completion", model, choices, usage });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

async function answerStreamed(
  response: ServerResponse,
  model: string,
  deltas: number,
  pace: string,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...common, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const end = `${chunk({}, "stop")}data: ${JSON.stringify({ ...common, model, choices: [], usage })}\n\ndata: [DONE]\n\n`;
  const words = Array.from({ length: deltas }, (_, i) => chunk({ content: `word ${i} ` }, null));
  if (pace === "burst") return void response.end(words.join("") + end);
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
