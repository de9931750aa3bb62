import { GatewayError } from "../../lib/errors.ts";

/** The provider says that the request is longer than the model can read. Recognised at the wire; a shorter one may do. */
export class ContextOverflow extends GatewayError {
  constructor(message: string, facts: ConstructorParameters<typeof GatewayError>[2] = {}) {
    super("invalid_request", message, facts);
    this.name = "ContextOverflow";
  }
}

/**
 * The codes and sentences by which providers say so; few have a code for it. OpenAI and Groq (code), Anthropic,
 * Google, OpenRouter, vLLM and Mistral ("maximum context length"), llama.cpp, xAI, Moonshot, Bedrock.
 */
const signs = [
  /context_length_exceeded|exceed_context_size_error/,
  /prompt is too long|input length and `max_tokens` exceed context limit/,
  /input token count[^.]{0,80}exceeds the maximum number of tokens/,
  /(maximum|model'?s?) context (length|window)/,
  /exceeds? the (available )?context (size|window|length)/,
  /maximum prompt length is/,
  /exceeded model token limit/,
  /input is too long for requested model/,
];
const longestRead = 4_096;

/** Whether the body of a refusal says that the request is too long for the model. */
export function saysTooLong(body: string): boolean {
  const text = body.slice(0, longestRead).toLowerCase();
  return signs.some((sign) => sign.test(text));
}
