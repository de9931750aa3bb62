/** The AI SDK: one answer, then one that is streamed. Run: TOKEN=… node examples/ai-sdk.ts */
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText } from "ai";

const { URL: url = "http://127.0.0.1:18789", TOKEN, MODEL = "builtin/demo" } = process.env;
const openclaw = createOpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN ?? "" });
const model = openclaw.chat(MODEL);

const { text } = await generateText({ model, prompt: "Hello!" });
console.log(text);

const { textStream } = streamText({ model, prompt: "And again, please." });
for await (const delta of textStream) process.stdout.write(delta);
console.log();
