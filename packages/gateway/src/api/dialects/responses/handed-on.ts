import type { ResolvedModel } from "../../../services/models/models.ts";
import type { Json } from "../dialect.ts";
import { unseal } from "../sealed.ts";

const encrypted = "reasoning.encrypted_content";

/**
 * The body for a provider that speaks the dialect itself. It keeps nothing, as what is kept is kept here; so its thoughts
 * are asked for in the form in which they can be given back, and what only another provider could read stays behind.
 */
export function handedOn(
  { previous_response_id: _, background: __, ...body }: Json,
  { facts }: Pick<ResolvedModel, "facts">,
): Json {
  const { input, include } = body;
  const asked = Array.isArray(include) ? include : [];
  const isAsking = body.store !== false && facts.thinking.length > 1 && !asked.includes(encrypted);
  return {
    ...body,
    ...(Array.isArray(input) && { input: readable(input as Json[]) }), // as `responseBody` has it
    ...(isAsking && { include: [...asked, encrypted] }),
    store: false,
  };
}

/** What a provider of the dialect can make something of. */
export function readable(items: readonly Json[]): Json[] {
  const kept = items.filter((it) => it.type !== "reasoning" || canBeRead(it));
  // An answer that goes by its id must not go without the thoughts before it.
  const isWhole = kept.length === items.length;
  return kept.map((it) => {
    if (it.type === "compaction") return compacted(it);
    const { extra_content: extra, id, ...rest } = it;
    const isForeign = extra !== undefined && (extra as Json | null)?.openclaw !== undefined; // ours if it is there at all
    if (isWhole && !isForeign) return it;
    const isAnswer = it.role === "assistant" || it.type === "function_call" || it.type === "custom_tool_call";
    return {
      ...rest,
      ...(id !== undefined && (isWhole || !isAnswer) && { id }),
      ...(extra !== undefined && !isForeign && { extra_content: extra }),
    };
  });
}

function canBeRead({ encrypted_content: sealed, content }: Json): boolean {
  if (typeof sealed === "string") return unseal(sealed) === undefined;
  return Array.isArray(content) && content.length > 0;
}

function compacted(item: Json): Json {
  const summary = unseal(item.encrypted_content);
  if (typeof summary !== "string") return item;
  return { type: "message", role: "user", content: [{ type: "input_text", text: summary }] };
}
