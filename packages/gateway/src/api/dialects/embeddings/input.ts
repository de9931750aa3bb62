import { GatewayError } from "../../../lib/errors.ts";

/** Most texts of one request. Source: OpenAI API reference, "Embeddings". */
const mostTexts = 2048;

/**
 * The texts of an `input`, for models of providers that take nothing else. Stops at the first thing that is wrong
 * and names it: an input may hold more values than a schema should be asked about.
 */
export function textsOf(input: unknown): string[] {
  if (input === undefined || input === null) throw refused("input", "It is required.");
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw refused("input", "It is empty. Send at least one text.");
  if (texts.length > mostTexts) {
    throw refused("input", `It has ${texts.length} texts. Send at most ${mostTexts} at once.`);
  }
  return texts.map((text, index) => {
    const param = Array.isArray(input) ? `input[${index}]` : "input";
    if (typeof text === "string" && text !== "") return text;
    if (text === "") throw refused(param, "It is empty. Leave it out or send a text.");
    if (Array.isArray(input) && (typeof text === "number" || Array.isArray(text))) {
      throw refused("input", "Tokens mean something to one model alone, and this one takes text. Send text.");
    }
    throw refused(param, "It must be a text.");
  });
}

function refused(param: string, why: string): GatewayError {
  return new GatewayError("invalid_request", `${param} is invalid: ${why}`, { param });
}
