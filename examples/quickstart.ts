/** Sends one message and streams another. Run: OPENCLAW_TOKEN=… node examples/quickstart.ts */
import { OpenClawClient } from "openclaw-client";

const client = new OpenClawClient({
  baseUrl: process.env.OPENCLAW_URL ?? "http://localhost:18789",
  token: process.env.OPENCLAW_TOKEN,
});

const answer = await client.agent.run({ message: "Hello!", sessionKey: "quickstart-ts" });
console.log(answer.response);

for await (const event of client.agent.stream({
  message: "And again, please.",
  sessionKey: "quickstart-ts",
})) {
  if (event.type === "delta") process.stdout.write(event.data.delta);
}
console.log();
