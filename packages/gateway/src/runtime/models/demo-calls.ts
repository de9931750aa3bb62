import { GatewayError } from "../../lib/errors.ts";
import { exampleOf } from "./demo-example.ts";
import type { ModelRequest, ToolSchema } from "./types.ts";

/** A tool call that the demo model wants to make. */
export interface PlannedCall {
  name: string;
  /** JSON text. */
  arguments: string;
}

const lookingUp = new Set(["get", "find", "fetch", "lookup"]);

interface Found {
  at: number;
  tool: ToolSchema;
}

/** Places in a text where a JSON object may begin that are looked at: each look can read 100,000 characters. */
const mostTries = 64;

const asking = /\b(call|use|run|invoke|try)(s|ed|ing)?\b|\busing\b/i;

/**
 * The tools that the user asked for by name, in the order of their naming; whichever the request forces
 * otherwise. Arguments are the JSON object that follows the name, else made up from the tool's schema.
 */
export function planCalls(request: ModelRequest, text: string, usersTurn: boolean): PlannedCall[] {
  const { tools = [], toolChoice = "auto" } = request;
  if (tools.length === 0 || toolChoice === "none") return [];
  const objects = objectsIn(text);
  let named = namedIn(withoutObjects(text, objects), tools);
  if (typeof toolChoice === "object") {
    const tool = tools.find((it) => it.name === toolChoice.name);
    if (!tool) {
      throw new GatewayError(
        "invalid_request",
        `The chosen tool "${toolChoice.name}" is not among the tools.`,
        {
          param: "tool_choice",
        },
      );
    }
    named = [named.find((it) => it.tool === tool) ?? { at: 0, tool }];
  } else if (toolChoice === "required") {
    if (named.length === 0) named = [{ at: 0, tool: tools[0]! }];
  } else if (!usersTurn) return [];
  else if (!asking.test(text)) named = aboutIn(text, tools);

  const chosen = request.parallelToolCalls === false ? named.slice(0, 1) : named;
  return chosen.map(({ at, tool }, index) => {
    const end = chosen[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const own =
      objects.find((it) => it.at >= at && it.at < end) ?? (chosen.length === 1 ? objects[0] : undefined);
    return { name: tool.name, arguments: own?.text ?? JSON.stringify(exampleOf(tool.parameters)) };
  });
}

/** Names as written, or with spaces for `_` and `-`; a longer name hides a shorter one within it. */
function namedIn(text: string, tools: readonly ToolSchema[]): Found[] {
  let rest = text.toLowerCase();
  const found: Found[] = [];
  for (const tool of tools.toSorted((a, b) => b.name.length - a.name.length)) {
    const pattern = tool.name
      .toLowerCase()
      .split(/[_-]/)
      .map((it) => it.replace(/[^a-z0-9]/g, "\\$&"))
      .join("[_\\- ]");
    const match = new RegExp(`(?<![a-z0-9_-])${pattern}(?![a-z0-9_-])`).exec(rest);
    if (!match) continue;
    found.push({ at: match.index, tool });
    rest =
      rest.slice(0, match.index) + " ".repeat(match[0].length) + rest.slice(match.index + match[0].length);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Tools that look up what a question is about: `get_weather` for one that speaks of the weather. */
function aboutIn(text: string, tools: readonly ToolSchema[]): Found[] {
  const words = new Set(text.toLowerCase().match(/[a-z0-9]+/g));
  const tool = tools.find(({ name }) => {
    const [verb, ...topic] = name
      .replace(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .split(/[_-]/);
    return lookingUp.has(verb ?? "") && topic.length > 0 && topic.every((it) => words.has(it));
  });
  return tool ? [{ at: 0, tool }] : [];
}

interface Embedded {
  at: number;
  text: string;
}

/** The JSON objects written in a text, outermost only; a text full of lone braces is given up. */
function objectsIn(text: string): Embedded[] {
  const found: Embedded[] = [];
  for (let at = text.indexOf("{"), tries = 0; at >= 0 && tries < mostTries; tries++) {
    const end = closingBrace(text, at);
    const candidate = end < 0 ? "" : text.slice(at, end + 1);
    const valid = candidate !== "" && isJson(candidate);
    if (valid) found.push({ at, text: candidate });
    at = text.indexOf("{", valid ? end + 1 : at + 1);
  }
  return found;
}

function closingBrace(text: string, from: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length && at - from < 100_000; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return at;
  }
  return -1;
}

function withoutObjects(text: string, objects: readonly Embedded[]): string {
  return objects.reduce(
    (rest, { at, text: json }) => rest.slice(0, at) + " ".repeat(json.length) + rest.slice(at + json.length),
    text,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
