import { get } from "node:http";

const answerWithinMs = 400;
const bodyAtMost = 1_000_000;

/** The models of a local Ollama, or none when none answers. Source: https://github.com/ollama/ollama/blob/main/docs/api.md (GET /api/tags). */
export function ollamaModels(baseUrl: string): Promise<string[]> {
  return new Promise((resolve) => {
    const none = () => resolve([]);
    const url = new URL("/api/tags", baseUrl);
    if (url.protocol !== "http:") return none();
    const request = get(url, { timeout: answerWithinMs, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
        if (body.length > bodyAtMost) request.destroy();
      });
      response.on("end", () => resolve(namesIn(body)));
      response.on("error", none);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", none);
    request.on("close", none);
  });
}

function namesIn(body: string): string[] {
  try {
    const { models } = JSON.parse(body) as { models?: { name?: unknown }[] }; // each name is checked below
    return (models ?? []).flatMap((it) => (typeof it.name === "string" ? [it.name] : []));
  } catch {
    return [];
  }
}
