import { errorTable } from "openclaw-protocol";
import type { Json } from "./contract-schemas.ts";
import { describeType, escapeHtml } from "./docs-types.ts";

/** The OpenAPI document as one HTML page without scripts or anything remote. All text in it is escaped. */
export function renderDocs(openapi: Json): string {
  const info = openapi.info as Json; // the document is our own: its shape is known
  const operations = operationsOf(openapi);
  const tags = (openapi.tags as { name: string }[]).map((tag) => tag.name);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(info.title)} ${escapeHtml(info.version)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeHtml(info.title)} <small>${escapeHtml(info.version)}</small></h1><p>${prose(info.description)}</p></header>
<nav>${tags.map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`).join(" ")} <a href="#errors">errors</a> <a href="#events">events</a> <a href="#schemas">schemas</a></nav>
<main>
${tags.map((tag) => section(tag, operations)).join("\n")}
${errors()}
${events(openapi["x-websocket"] as Json)}
${schemas((openapi.components as Json).schemas as Record<string, Json>)}
</main>
</body>
</html>
`;
}

interface Operation {
  verb: string;
  path: string;
  spec: Json;
}

function operationsOf(openapi: Json): Operation[] {
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(openapi.paths as Record<string, Json>)) {
    for (const [verb, spec] of Object.entries(item)) {
      operations.push({ verb: verb.toUpperCase(), path, spec: spec as Json });
    }
  }
  return operations;
}

function section(tag: string, operations: Operation[]): string {
  const own = operations.filter(({ spec }) => (spec.tags as string[]).includes(tag));
  return `<section id="${escapeHtml(tag)}"><h2>${escapeHtml(tag)}</h2>${own.map(operation).join("\n")}</section>`;
}

function operation({ verb, path, spec }: Operation): string {
  const socket = spec["x-websocket-method"] as { name: string; aliases?: string[] } | undefined;
  const scopes = spec["x-scopes"] as string[];
  const needs = Array.isArray(spec.security)
    ? "open to all"
    : scopes.length > 0
      ? `scope ${scopes.join(" or ")}`
      : "any credential";
  const names = socket ? [socket.name, ...(socket.aliases ?? [])] : [];
  return `<article id="${escapeHtml(spec.operationId)}">
<h3><code><b>${verb}</b> ${escapeHtml(path)}</code></h3>
<p>${prose(spec.summary)}${spec.description ? `<br>${prose(spec.description)}` : ""}</p>
<p class="facts">${names.length > 0 ? `WebSocket: ${names.map((name) => `<code>${escapeHtml(name)}</code>`).join(" ")} · ` : ""}${escapeHtml(needs)}</p>
${parameters(spec)}
${answers(spec.responses as Record<string, Json>)}
</article>`;
}

function parameters(spec: Json): string {
  const rows = ((spec.parameters ?? []) as Json[]).map((field) =>
    row(field.name, field.in, field.schema as Json, field.required === true, field.description),
  );
  const body = (spec.requestBody as { content: Record<string, { schema: Json }> } | undefined)?.content[
    "application/json"
  ];
  if (body) {
    const { properties, required = [] } = body.schema as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    if (properties) {
      for (const [name, schema] of Object.entries(properties)) {
        rows.push(row(name, "body", schema, required.includes(name), schema.description));
      }
    } else rows.push(row("(body)", "body", body.schema, true, undefined));
  }
  if (rows.length === 0) return "";
  return `<table><thead><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function row(name: unknown, place: unknown, schema: Json, required: boolean, text: unknown): string {
  const mark = required ? ' <b title="required">*</b>' : "";
  return `<tr><td><code>${escapeHtml(name)}</code>${mark}</td><td>${escapeHtml(place)}</td><td>${describeType(schema)}</td><td>${prose(text)}</td></tr>`;
}

function answers(responses: Record<string, Json>): string {
  const good = Object.entries(responses).filter(([status]) => Number(status) < 300);
  const bad = Object.keys(responses).filter((status) => Number(status) >= 300);
  const lines = good.map(([status, response]) => {
    const content = Object.entries((response.content ?? {}) as Record<string, { schema?: Json }>);
    const kinds = content.map(([type, { schema }]) =>
      type === "application/json" && schema ? describeType(schema) : `<code>${escapeHtml(type)}</code>`,
    );
    return `<p><b>${escapeHtml(status)}</b> ${prose(response.description)}: ${kinds.join(" or ")}</p>`;
  });
  const errors = bad.map((status) => `<a href="#errors">${escapeHtml(status)}</a>`).join(" ");
  return `${lines.join("")}<p class="facts">Errors: ${errors}</p>`;
}

function errors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, description }]) =>
      `<tr><td>${status}</td><td><code>${code}</code></td><td>${escapeHtml(description)}</td></tr>`,
  );
  return `<section id="errors"><h2>errors</h2><p>Every failure is <code>{"error":{"code","message","type","param","requestId"}}</code>, over HTTP, in events and in WebSocket replies.</p><table><thead><tr><th>status</th><th>code</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function events(socket: Json): string {
  const rows = Object.entries(socket.events as Record<string, Json>).map(
    ([type, data]) => `<tr><td><code>${escapeHtml(type)}</code></td><td>${describeType(data)}</td></tr>`,
  );
  const closes = Object.entries(socket.closeCodes as Record<string, string>).map(
    ([code, why]) => `<tr><td>${escapeHtml(code)}</td><td>${escapeHtml(why)}</td></tr>`,
  );
  return `<section id="events"><h2>events</h2><p>The WebSocket is at <code>${(socket.paths as string[]).map(escapeHtml).join("</code> and <code>")}</code>. A request <code>${escapeHtml(socket.request)}</code> gets one reply <code>${escapeHtml(socket.reply)}</code>; events are <code>{"type","data"}</code>.</p><table><thead><tr><th>event</th><th>data</th></tr></thead><tbody>${rows.join("")}</tbody></table><h3>Close codes</h3><table><tbody>${closes.join("")}</tbody></table></section>`;
}

function schemas(components: Record<string, Json>): string {
  const parts = Object.entries(components).map(
    ([name, schema]) =>
      `<article id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${shape(schema)}</article>`,
  );
  return `<section id="schemas"><h2>schemas</h2>${parts.join("")}</section>`;
}

function shape(schema: Json): string {
  const { properties, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] };
  if (!properties) return `<p>${describeType(schema)}</p>`;
  const rows = Object.entries(properties).map(
    ([name, one]) =>
      `<tr><td><code>${escapeHtml(name)}</code>${required.includes(name) ? " <b>*</b>" : ""}</td><td>${describeType(one)}</td><td>${prose(one.description)}</td></tr>`,
  );
  return `<table><tbody>${rows.join("")}</tbody></table>`;
}

/** Escaped text in which `…` becomes code. */
function prose(text: unknown): string {
  return escapeHtml(text ?? "").replace(/`([^`]+)`/g, "<code>$1</code>");
}

const style = `
:root{--fg:#1a1a1f;--bg:#fff;--soft:#6b6b76;--line:#e3e3e8;--code:#f4f4f7;--accent:#b3261e}
@media(prefers-color-scheme:dark){:root{--fg:#e8e8ec;--bg:#151518;--soft:#9a9aa5;--line:#2d2d33;--code:#212126;--accent:#ff8a80}}
body{margin:0 auto;max-width:62rem;padding:1rem 1.25rem 4rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
small,.facts{color:var(--soft)}nav{position:sticky;top:0;background:var(--bg);padding:.5rem 0;border-bottom:1px solid var(--line)}
a{color:var(--accent)}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}article{margin:1.5rem 0;scroll-margin-top:4rem}section{scroll-margin-top:3rem}
code{background:var(--code);padding:.1em .3em;border-radius:3px;font-size:.9em;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}td,th{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
p{margin:.4rem 0}`;
