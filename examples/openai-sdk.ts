/** OpenAI's SDK: one answer, then one that is streamed. Run: TOKEN=… node examples/openai-sdk.ts */
import OpenAI from "openai";

const { URL: url = "http://127.0.0.1:18789", TOKEN, MODEL: model = "builtin/demo" } = process.env;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });

const answer = await client.chat.completions.create({
  model,
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0]?.message.content);

const stream = await client.chat.completions.create({
  model,
  messages: [{ role: "user", content: "And again, please." }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
console.log();
