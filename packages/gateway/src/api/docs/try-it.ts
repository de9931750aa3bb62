import type { Json } from "../contract-schemas.ts";
import type { Examples } from "./examples.ts";
import { escapeHtml, nameOf } from "./types.ts";

/** One operation of the OpenAPI document. */
export interface Operation {
  /** In capitals. */
  readonly verb: string;
  readonly path: string;
  readonly spec: Json;
}

/** Operations that lose something: the page asks for a second click. */
const losing =
  /(^|\.)(abort|compact|delete|disable|forget|import|interrupt|logout|remove|reset|restart|restore|revoke|rotate|shutdown|uninstall)$/i;

/** Whether calling the method takes something away that cannot be had back by calling another. */
export function isDestructive(name: string, verb: string): boolean {
  return verb === "DELETE" || losing.test(name);
}

/** A form that sends the operation; the script of the page brings it to life. */
export function tryIt(operation: Operation, examples: Examples, components: Record<string, Json>): string {
  const { verb, path, spec } = operation;
  const id = String(spec.operationId);
  const open = Array.isArray(spec.security);
  const fields = ((spec.parameters ?? []) as Json[]).map((field) =>
    parameter(id, field, examples, components),
  );
  const attributes = [
    `data-verb="${escapeHtml(verb)}"`,
    `data-path="${escapeHtml(path)}"`,
    ...(isDestructive(id, verb) ? ["data-destructive"] : []),
    ...(open ? ["data-open"] : []),
    ...(streamsAlways(spec) ? ["data-streams"] : []),
  ];
  return `<details class="try" hidden><summary>Try it</summary><form ${attributes.join(" ")} autocomplete="off">
${fields.join("\n")}
${body(id, spec, examples)}
${accept(spec)}
<p class="buttons"><button type="submit">Send</button><button type="button" class="stop" hidden>Stop</button><span class="ask" role="status"></span></p>
<pre class="curl" tabindex="0" aria-label="The same as a curl command"></pre>
<div class="answer" hidden></div>
</form></details>`;
}

function parameter(id: string, field: Json, examples: Examples, components: Record<string, Json>): string {
  const schema = field.schema as Json; // every parameter of ours has one
  const name = escapeHtml(field.name);
  const required = field.required === true ? " required" : "";
  const own = `name="${name}" data-in="${escapeHtml(field.in)}"${required}`;
  const choices = choicesOf(schema, components);
  const hint = String(examples.ofField(id, String(field.name), schema));
  const input = choices
    ? `<select ${own}><option></option>${choices.map((it) => `<option>${escapeHtml(it)}</option>`).join("")}</select>`
    : `<input ${own} spellcheck="false" placeholder="${field.in === "header" ? "" : `e.g. ${escapeHtml(hint)}`}"${typed(schema)}>`;
  return `<label><span>${name}${required && " <b>*</b>"} <small>${escapeHtml(field.in)}</small></span>${input}</label>`;
}

function body(id: string, spec: Json, examples: Examples): string {
  const content = (spec.requestBody as { content: Record<string, { schema?: Json }> } | undefined)?.content;
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  if (type === undefined) return "";
  const isJson = type === "application/json";
  const text = isJson ? JSON.stringify(examples.ofOperation(id, media?.schema ?? {}), null, 2) : "";
  const rows = Math.min(16, Math.max(2, text.split("\n").length));
  return `<label class="wide"><span>Body <small>${escapeHtml(type)}</small></span><textarea data-in="body" data-type="${escapeHtml(type)}" rows="${rows}" spellcheck="false">${escapeHtml(text)}</textarea></label>`;
}

/** A choice of the answer's form, where the request's `Accept` decides. */
function accept(spec: Json): string {
  const types = successTypes(spec).filter((type) => type !== "text/event-stream");
  if (types.length < 2) return "";
  const options = types.map((type) => `<option>${escapeHtml(type)}</option>`);
  return `<label><span>Accept <small>header</small></span><select name="Accept" data-in="header">${options.join("")}</select></label>`;
}

function streamsAlways(spec: Json): boolean {
  const types = successTypes(spec);
  return types.length === 1 && types[0] === "text/event-stream";
}

function successTypes(spec: Json): string[] {
  const good = Object.entries(spec.responses as Record<string, Json>).filter(
    ([status]) => Number(status) < 300,
  );
  return good.flatMap(([, response]) => Object.keys((response.content ?? {}) as Json));
}

function choicesOf(schema: Json, components: Record<string, Json>): unknown[] | undefined {
  if (typeof schema.$ref === "string") return choicesOf(components[nameOf(schema.$ref)] ?? {}, components);
  if (schema.type === "boolean") return [true, false];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function typed(schema: Json): string {
  return schema.type === "integer" || schema.type === "number" ? ' inputmode="numeric"' : "";
}
