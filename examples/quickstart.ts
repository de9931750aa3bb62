/** Sends one message and streams another. Run: TOKEN=… node examples/quickstart.ts */
import { OpenClawClient } from "openclaw-client";

const { URL: baseUrl = "http://127.0.0.1:18789", TOKEN: token, MODEL: model = "builtin/demo" } = process.env;
const client = new OpenClawClient({ baseUrl, token });
const conversation = { sessionKey: "quickstart-ts", options: { model } };

const answer = await client.agent.run({ ...conversation, message: "Hello!" });
console.log(answer.response);

for await (const event of client.agent.stream({ ...conversation, message: "And again, please." })) {
  if (event.type === "delta") process.stdout.write(event.data.delta);
}
console.log();
