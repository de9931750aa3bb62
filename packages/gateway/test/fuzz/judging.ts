import { Ajv2020 } from "ajv/dist/2020.js";
import type { Json } from "../support/gateway.ts";
import type { Operation } from "./operations.ts";

/** What came of a request. */
export interface Outcome {
  status: number;
  type: string;
  text: string;
}

/** Tells what an outcome has that the document does not say; nothing where it keeps to it. */
export type Judge = (operation: Operation, outcome: Outcome) => string[];

const root = "gateway.json";

export function createJudge(document: Json): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: root, ...document });

  const errorsOf = (schema: Json, value: unknown, what: string): string[] => {
    const rebased = JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"${root}#/`));
    const validate = ajv.compile(rebased);
    if (validate(value)) return [];
    const told = (validate.errors ?? [])
      .slice(0, 5)
      .map((it) => `${it.instancePath} ${it.message} ${JSON.stringify(it.params)}`);
    return [`${what}: ${told.join("; ")}: ${JSON.stringify(value).slice(0, 600)}`];
  };

  const follow = (it: Json): Json =>
    it.$ref
      ? String(it.$ref)
          .slice(2)
          .split("/")
          .reduce((at, key) => at[key], document)
      : it;

  return ({ described }, { status, type, text }) => {
    if (status === 500) return [`500: ${text.slice(0, 500)}`];
    const told = described.responses[String(status)];
    if (!told) return [`the status ${status} is not in the document: ${text.slice(0, 300)}`];
    const { content = {} } = follow(told);
    const media = content[type];
    if (!media)
      return [`${status} with the type ${type || "none"} is not in the document: ${text.slice(0, 300)}`];
    if (type === "application/json") return errorsOf(media.schema ?? {}, JSON.parse(text), `the ${status}`);
    if (type !== "text/event-stream" || !media["x-events"]) return [];
    return eventsIn(text).flatMap(({ event, data }) => {
      const schema = schemaFor(media["x-events"], event);
      return schema
        ? errorsOf(schema, data, `the event ${event}`)
        : [`the event ${event} is not in the document`];
    });
  };
}

function schemaFor(events: Record<string, Json>, name: string): Json | undefined {
  const pattern = Object.keys(events).find((it) => it.endsWith("*") && name.startsWith(it.slice(0, -1)));
  return events[name] ?? (pattern === undefined ? undefined : events[pattern]);
}

/** The whole events of a stream that may have been broken off. */
function eventsIn(text: string): { event: string; data: unknown }[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .flatMap((block) => {
      const fields = new Map(
        block.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
      );
      const data = fields.get("data");
      if (data === undefined || data === "[DONE]") return [];
      return [{ event: fields.get("event") ?? "message", data: JSON.parse(data) as unknown }];
    });
}
