/** Anthropic's SDK: one answer, then one that is streamed. Run: TOKEN=… node examples/anthropic-sdk.ts */
import Anthropic from "@anthropic-ai/sdk";

const { URL: baseURL = "http://127.0.0.1:18789", TOKEN, MODEL: model = "builtin/demo" } = process.env;
const client = new Anthropic({ baseURL, apiKey: TOKEN ?? "" });

const answer = await client.messages.create({
  model,
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello!" }],
});
for (const block of answer.content) if (block.type === "text") console.log(block.text);

const stream = client.messages.stream({
  model,
  max_tokens: 1024,
  messages: [{ role: "user", content: "And again, please." }],
});
stream.on("text", (delta) => process.stdout.write(delta));
await stream.finalMessage();
console.log();
