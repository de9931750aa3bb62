import { cannotBeForced, hasStructuredOutputs } from "./anthropic-models.ts";
import { canBeHeldTo, heldSchema } from "./anthropic-schema.ts";
import type { Thinking } from "./anthropic-thinking.ts";
import type { ModelRequest, ToolSchema } from "./types.ts";
import { unsupported } from "./unsupported.ts";

type Json = Record<string, unknown>;

/** How the answer is brought into its form: by what Anthropic has for it, or by a tool that the model must call. */
export type AnswerForm = { format: Json } | { tool: Json & { name: string } };

/** Undefined where no form is asked for. Throws `invalid_request` where the model cannot be held to it. */
export function formOf(request: ModelRequest, { thinking }: Thinking): AnswerForm | undefined {
  const { model, responseFormat, toolChoice, tools = [] } = request;
  if (!responseFormat) return undefined;
  const { schema, description } = responseFormat;
  if (!schema) throw unsupported("response_format", "Anthropic needs a JSON Schema");
  if (hasStructuredOutputs(model) && canBeHeldTo(schema)) {
    const held = heldSchema(schema);
    if (description !== undefined) held.description ??= description;
    return { format: { type: "json_schema", schema: held } };
  }
  if (tools.length > 0 && isForced(toolChoice)) return undefined; // it is to call a tool, not to answer
  if (thinking?.type === "enabled")
    throw unsupported("response_format", "while it thinks it cannot be held to this schema");
  if (cannotBeForced(model))
    throw unsupported("response_format", "it cannot be held to a schema with recursion or free keys");
  let name = "json";
  while (tools.some((it) => it.name === name)) name += "_";
  return {
    tool: { name, description: description ?? "Gives the answer, once it is known.", input_schema: schema },
  };
}

/** Whether the model must call a tool. */
export function isForced(choice: ModelRequest["toolChoice"]): boolean {
  return choice === "required" || typeof choice === "object";
}

/**
 * A tool as Anthropic has it. Its input comes as it is written, unchecked: our events take it like that.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
export function toolOf({ name, description, parameters, strict }: ToolSchema, canBeStrict: boolean): Json {
  return {
    name,
    ...(description !== "" && { description }),
    input_schema: parameters,
    eager_input_streaming: true,
    ...(strict === true && canBeStrict && { strict }),
  };
}

/** `tool_choice`; undefined where the model may do as it likes. */
export function choiceOf(request: ModelRequest, form: AnswerForm | undefined): Json | undefined {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  if (form && "tool" in form) {
    const { name } = form.tool;
    const isAlone = tools.length === 0 || toolChoice === "none";
    return { ...(isAlone ? { type: "tool", name } : { type: "any" }), disable_parallel_tool_use: true };
  }
  if (tools.length === 0) return undefined;
  if (toolChoice === "none") return { type: "none" };
  const alone = parallelToolCalls === false && { disable_parallel_tool_use: true };
  if (typeof toolChoice === "object") return { type: "tool", name: toolChoice.name, ...alone };
  if (toolChoice === "required") return { type: "any", ...alone };
  return toolChoice || alone ? { type: "auto", ...alone } : undefined;
}
