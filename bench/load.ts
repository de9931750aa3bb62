import { type Answer, type Connection, openConnection } from "./connection.ts";

/** The token of the gateway under test; the others ignore it. */
export const token = "bench-token";

/** A request with a JSON body, as bytes on the wire. */
export function post(path: string, body: object): string {
  const text = JSON.stringify(body);
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  );
}

export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

/** A chat completion by a model of `fake-model.ts`. */
export function completion(model: string): string {
  return asks.chat(`fake/${model}`, model !== "plain");
}

const said = "Tell me twenty words about the sea.";
const told = "You are a helpful assistant.";

/** The same request in each caller's dialect. */
export const asks = {
  chat: (model: string, stream: boolean) =>
    post("/v1/chat/completions", {
      ...{ model, stream },
      messages: [
        { role: "system", content: told },
        { role: "user", content: said },
      ],
    }),
  responses: (model: string, stream: boolean) =>
    post("/v1/responses", { model, stream, store: false, instructions: told, input: said }),
  messages: (model: string, stream: boolean) =>
    post("/v1/messages", {
      ...{ model, stream, max_tokens: 1024, system: told },
      messages: [{ role: "user", content: said }],
    }),
} as const;

/** A caller with as many kept connections as it ever needed at once. */
export interface Client {
  /** Sends `count` requests, `inFlight` at a time. Rejects unless every answer is a success. */
  run(load: { count: number; inFlight: number; request: (index: number) => string }): Promise<Answer[]>;
  close(): void;
}

export function createClient(port: number): Client {
  const connections: Connection[] = [];
  return {
    async run({ count, inFlight, request }) {
      while (connections.length < inFlight) connections.push(await openConnection(port));
      const answers: Answer[] = [];
      let next = 0;
      const worker = async (connection: Connection): Promise<void> => {
        while (next < count) {
          const answer = await connection.send(request(next++));
          if (answer.status >= 300)
            throw new Error(`Answered ${answer.status}: ${answer.body.slice(0, 300)}`);
          answers.push(answer);
        }
      };
      await Promise.all(connections.slice(0, inFlight).map(worker));
      return answers;
    },
    close() {
      for (const connection of connections) connection.close();
    },
  };
}
