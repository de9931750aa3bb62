import { cannotBeForced, hasFixedSampling, hasStructuredOutputs } from "./anthropic-models.ts";
import { mostTokens, type Thinking, thinkingOf } from "./anthropic-thinking.ts";
import { choiceOf, formOf, isForced, toolOf } from "./anthropic-tools.ts";
import { systemOf, turnsOf } from "./anthropic-turns.ts";
import type { ModelRequest, ToolSchema } from "./types.ts";
import { unsupported } from "./unsupported.ts";

type Json = Record<string, unknown>;

/** A body for Anthropic, and what must be known to read the answer. */
export interface MessagesBody {
  json: string;
  /** The tool by which the answer itself is given, where there is one. */
  answerTool: string | undefined;
}

/**
 * The bodies of messages: https://platform.claude.com/docs/en/api/messages/create. Tools are put into JSON
 * once for each list of them. Throws `invalid_request` for what Anthropic cannot honour.
 */
export function createMessagesBodies(): (request: ModelRequest, stream?: boolean) => MessagesBody {
  const strictTexts = new WeakMap<readonly ToolSchema[], string>();
  const looseTexts = new WeakMap<readonly ToolSchema[], string>();

  /** Without the brackets. `strict` is a wish that many clients always have: models that cannot fulfil it do without. */
  function toolsText(tools: readonly ToolSchema[], model: string): string {
    const canBeStrict = hasStructuredOutputs(model);
    const texts = canBeStrict ? strictTexts : looseTexts;
    const known = texts.get(tools);
    if (known !== undefined) return known;
    const text = tools.map((it) => JSON.stringify(toolOf(it, canBeStrict))).join(",");
    texts.set(tools, text);
    return text;
  }

  return (request, stream = true) => {
    const thinking = thinkingOf(request);
    refuse(request);
    const sampling = samplingOf(request, thinking);
    const form = formOf(request, thinking);
    const { tools = [], toolChoice, stop = [] } = request;
    if (thinking.thinking?.type === "enabled" && tools.length > 0 && isForced(toolChoice))
      throw unsupported("tool_choice", "while it thinks it cannot be forced to call a tool");
    const format = form && "format" in form ? form.format : undefined;
    const answerTool = form && "tool" in form ? form.tool : undefined;
    const { effort } = thinking;
    // Fields that are undefined are left out when it is put into JSON.
    const body: Json = {
      model: request.model,
      max_tokens: mostTokens(request, thinking),
      system: systemOf(request.messages),
      messages: turnsOf(request.messages),
      stream,
      ...sampling,
      stop_sequences: stop.length > 0 ? stop : undefined,
      thinking: thinking.thinking,
      output_config: effort || format ? { effort, format } : undefined,
      tool_choice: choiceOf(request, form),
    };
    const all = tools.length > 0 ? [toolsText(tools, request.model)] : [];
    if (answerTool) all.push(JSON.stringify(answerTool));
    const json = JSON.stringify(body);
    return {
      json: all.length === 0 ? json : `${json.slice(0, -1)},"tools":[${all.join(",")}]}`,
      answerTool: answerTool?.name,
    };
  };
}

function refuse(request: ModelRequest): void {
  const { model, tools = [], toolChoice, verbosity } = request;
  if (request.seed !== undefined) throw unsupported("seed", "Anthropic has no such parameter");
  if (request.presencePenalty) throw unsupported("presence_penalty", "Anthropic has no such parameter");
  if (request.frequencyPenalty) throw unsupported("frequency_penalty", "Anthropic has no such parameter");
  if (verbosity !== undefined && verbosity !== "medium")
    throw unsupported("verbosity", "Anthropic has no such parameter");
  if (tools.length > 0 && isForced(toolChoice) && cannotBeForced(model))
    throw unsupported("tool_choice", "it cannot be forced to call a tool");
}

/** Models that think, and the newest always, take nothing but what they do anyway. */
function samplingOf({ model, temperature, topP, topK }: ModelRequest, { thinking }: Thinking): Json {
  if (temperature !== undefined && (temperature < 0 || temperature > 1))
    throw unsupported("temperature", "Anthropic's goes from 0 to 1");
  if (hasFixedSampling(model) || (thinking !== undefined && thinking.type !== "disabled")) {
    if (temperature !== undefined && temperature !== 1)
      throw unsupported("temperature", "it thinks with 1 only");
    if (topP !== undefined && topP !== 1) throw unsupported("top_p", "it thinks with 1 only");
    if (topK !== undefined) throw unsupported("top_k", "it thinks without it");
    return {};
  }
  if (temperature === undefined) return { top_p: topP, top_k: topK };
  if (topP !== undefined && topP !== 1) throw unsupported("top_p", "temperature is given too");
  return { temperature, top_k: topK };
}
