import { errorTable } from "openclaw-protocol";
import type { Json } from "../contract-schemas.ts";
import { createExamples, type Examples } from "./examples.ts";
import { article, layout } from "./layout.ts";
import { type Operation, tryIt } from "./try-it.ts";
import { describeType, escapeHtml, fieldRow, fieldTable, prose } from "./types.ts";

/** The OpenAPI document as a page in which every operation can be tried. All text in it is escaped. */
export function renderHttpPage(openapi: Json): string {
  const info = openapi.info as Json; // the document is our own: its shape is known
  const operations = operationsOf(openapi);
  const components = (openapi.components as Json).schemas as Record<string, Json>;
  const examples = createExamples(components);
  const groups = (openapi.tags as { name: string }[]).map(({ name }) => ({
    id: name,
    own: operations.filter(({ spec }) => (spec.tags as string[]).includes(name)),
  }));
  return layout({
    title: String(info.title),
    version: String(info.version),
    intro: String(info.description),
    path: "/docs",
    groups: [
      ...groups.map(({ id, own }) => ({
        id,
        items: own.map(({ verb, path, spec }) => ({
          id: String(spec.operationId),
          label: `${verb} ${path}`,
        })),
      })),
      ...["errors", "events", "schemas"].map((id) => ({ id, items: [] })),
    ],
    main: [
      ...groups.map(
        ({ id, own }) =>
          `<section id="${escapeHtml(id)}"><h2>${escapeHtml(id)}</h2>${own.map((it) => operation(it, examples, components)).join("\n")}</section>`,
      ),
      errors(),
      events(openapi["x-websocket"] as Json),
      schemas(components),
    ].join("\n"),
  });
}

function operationsOf(openapi: Json): Operation[] {
  return Object.entries(openapi.paths as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, spec]) => ({ verb: verb.toUpperCase(), path, spec })),
  );
}

function operation(it: Operation, examples: Examples, components: Record<string, Json>): string {
  const { verb, path, spec } = it;
  const id = String(spec.operationId);
  const socket = spec["x-websocket-method"] as { name: string; aliases?: string[] } | undefined;
  const names = socket ? [socket.name, ...(socket.aliases ?? [])] : [];
  const overSocket = names.map(
    (name) => `<a href="/docs/websocket#${escapeHtml(socket?.name)}"><code>${escapeHtml(name)}</code></a>`,
  );
  const facts = [...(socket ? [`WebSocket: ${overSocket.join(" ")}`] : []), escapeHtml(needs(spec))];
  return article(
    id,
    [verb, path, id, ...names, spec.summary].join(" "),
    `<h3><code><b class="verb ${escapeHtml(verb.toLowerCase())}">${escapeHtml(verb)}</b> ${escapeHtml(path)}</code></h3>
<p>${prose(spec.summary)}${spec.description ? `<br>${prose(spec.description)}` : ""}</p>
<p class="facts">${facts.join(" · ")}</p>
${parameters(spec)}
${answers(spec.responses as Record<string, Json>)}
${tryIt(it, examples, components)}`,
  );
}

function needs(spec: Json): string {
  if (Array.isArray(spec.security)) return "open to all";
  const scopes = spec["x-scopes"] as string[];
  return scopes.length > 0 ? `scope ${scopes.join(" or ")}` : "any credential";
}

function parameters(spec: Json): string {
  const rows = ((spec.parameters ?? []) as Json[]).map((field) =>
    fieldRow(
      [String(field.name), String(field.in)],
      field.schema as Json,
      field.required === true,
      field.description,
    ),
  );
  const content = (spec.requestBody as { content: Record<string, { schema?: Json }> } | undefined)?.content;
  for (const { schema = {} } of Object.values(content ?? {})) {
    const { properties, required = [] } = schema as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    if (!properties) rows.push(fieldRow(["(body)", "body"], schema, true, undefined));
    for (const [name, field] of Object.entries(properties ?? {})) {
      rows.push(fieldRow([name, "body"], field, required.includes(name), field.description));
    }
  }
  if (rows.length === 0) return "";
  return `<table><thead><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
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
  return `<section id="events"><h2>events</h2><p>Over a WebSocket as <code>{"type","data"}</code>: see <a href="/docs/websocket">WebSocket</a>. In server-sent events a run's have the same data and the same name without <code>chat.</code>.</p><table><thead><tr><th>event</th><th>data</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function schemas(components: Record<string, Json>): string {
  const parts = Object.entries(components).map(([name, schema]) =>
    article(`schema-${name}`, `schema ${name}`, `<h3>${escapeHtml(name)}</h3>${fieldTable(schema)}`),
  );
  return `<section id="schemas"><h2>schemas</h2>${parts.join("\n")}</section>`;
}
