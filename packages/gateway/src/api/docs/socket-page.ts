import type { Json } from "../contract-schemas.ts";
import { createExamples, type Examples } from "./examples.ts";
import { article, layout } from "./layout.ts";
import { isDestructive } from "./try-it.ts";
import { escapeHtml, fieldTable, nameOf, prose } from "./types.ts";

/** The AsyncAPI document as a page for people, with a console to try frames in. All text in it is escaped. */
export function renderSocketPage(asyncapi: Json): string {
  const info = asyncapi.info as Json; // the document is our own: its shape is known
  const components = asyncapi.components as { schemas: Record<string, Json>; messages: Record<string, Json> };
  const examples = createExamples(components.schemas);
  const operations = Object.entries(asyncapi.operations as Record<string, Json>);
  const methods = operations.filter(([, it]) => it.action === "receive");
  const domains = Map.groupBy(methods, ([name]) => name.slice(0, name.indexOf(".")));
  const events = operations
    .filter(([, it]) => it.action === "send")
    .flatMap(([, it]) => (it.messages as { $ref: string }[]).map((ref) => nameOf(ref.$ref)));
  const channel = (asyncapi.channels as Record<string, Json>).gateway ?? {};
  return layout({
    title: String(info.title),
    version: String(info.version),
    intro: String(info.description),
    path: "/docs/websocket",
    groups: [
      { id: "connecting", items: [] },
      { id: "frames", items: [] },
      ...[...domains].map(([id, own]) => ({ id, items: own.map(([name]) => ({ id: name, label: name })) })),
      { id: "events", items: events.map((type) => ({ id: `event-${type}`, label: type })) },
      ...["close codes", "schemas"].map((id) => ({ id: id.replace(" ", "-"), items: [] })),
    ],
    main: [
      connecting(channel),
      frames(),
      ...[...domains].map(
        ([id, own]) =>
          `<section id="${escapeHtml(id)}"><h2>${escapeHtml(id)}</h2>${own.map(([name, it]) => method(name, it, components.messages, examples)).join("\n")}</section>`,
      ),
      `<section id="events"><h2>events</h2>${events.map((type) => event(type, components)).join("\n")}</section>`,
      closeCodes(channel["x-close-codes"] as Record<string, string>),
      `<section id="schemas"><h2>schemas</h2>${schemas(components.schemas)}</section>`,
      console(methods.map(([name]) => name)),
    ].join("\n"),
  });
}

function connecting(channel: Json): string {
  return `<section id="connecting"><h2>connecting</h2>
<p>Open a WebSocket at <code>${escapeHtml(channel.address)}</code>. ${prose(channel.description)}</p>
<p>Programs send the credential as over HTTP, e.g. <code>Authorization: Bearer …</code>. Browsers cannot, so they ask for a
ticket first, which is good for one connection within 30 seconds:</p>
<pre>const answer = await fetch("/v1/tickets", { method: "POST", headers: { authorization: \`Bearer \${token}\` } });
const { ticket } = await answer.json();
const socket = new WebSocket("ws://127.0.0.1:18789/", ["openclaw", \`openclaw.ticket.\${ticket}\`]);</pre>
<p>Without a valid credential the upgrade is answered 401 and no socket opens. The first frame to come is the event
<a href="#event-connected"><code>connected</code></a>; a <a href="#event-heartbeat"><code>heartbeat</code></a> follows every 15 seconds.</p></section>`;
}

function frames(): string {
  return `<section id="frames"><h2>frames</h2>
<p>Every frame is one JSON object in a text message.</p>
<table><tbody>
<tr><td>request</td><td><code>{"id": 1, "method": "chat.run", "params": {…}}</code></td><td>The id is a string or a number of yours. Without one there is no reply, only events.</td></tr>
<tr><td>reply</td><td><code>{"id": 1, "result": {…}}</code></td><td>Exactly one for each request that has an id.</td></tr>
<tr><td>error</td><td><code>{"id": 1, "error": {…}}</code></td><td>Instead of the result; see <a href="/docs#errors">errors</a>. The id is <code>null</code> where the frame could not be read.</td></tr>
<tr><td>event</td><td><code>{"type": "chat.delta", "data": {…}}</code></td><td>At any time. Those of a run carry <code>runId</code>, <code>sessionKey</code> and <code>seq</code>, which counts 1, 2, 3 … within the run.</td></tr>
</tbody></table>
<p>A domain can be written in the plural, too: <code>sessions.list</code> is <code>session.list</code>.</p></section>`;
}

function method(name: string, spec: Json, messages: Record<string, Json>, examples: Examples): string {
  const { params } = propertiesOf(messages[`${name}.request`]);
  const { result } = propertiesOf(messages[`${name}.reply`]);
  const scopes = spec["x-scopes"] as string[];
  const aliases = (spec["x-aliases"] ?? []) as string[];
  const facts = [
    scopes.length > 0 ? `scope ${scopes.join(" or ")}` : "any credential",
    ...(aliases.length > 0 ? [`also ${aliases.join(", ")}`] : []),
  ];
  const frame = { id: 1, method: name, params: examples.ofOperation(name, params ?? {}) };
  return article(
    name,
    [name, ...aliases, spec.summary].join(" "),
    `<h3><code>${escapeHtml(name)}</code></h3>
<p>${prose(spec.summary)}</p>
<p class="facts">${escapeHtml(facts.join(" · "))} · <a href="/docs#${escapeHtml(name)}">over HTTP</a></p>
<h4>params</h4>${fieldTable(params ?? {})}
<h4>result</h4>${fieldTable(result ?? {})}
<div class="example"><button type="button" class="use" hidden>Use in console</button><pre>${escapeHtml(JSON.stringify(frame))}</pre></div>`,
  );
}

function event(
  type: string,
  parts: { schemas: Record<string, Json>; messages: Record<string, Json> },
): string {
  const { data = {} } = propertiesOf(parts.messages[type]);
  const schema = typeof data.$ref === "string" ? (parts.schemas[nameOf(data.$ref)] ?? {}) : data;
  return article(
    `event-${type}`,
    `event ${type}`,
    `<h3><code>${escapeHtml(type)}</code></h3>${fieldTable(schema)}`,
  );
}

function propertiesOf(message: Json | undefined): Record<string, Json> {
  return ((message?.payload as Json | undefined)?.properties ?? {}) as Record<string, Json>;
}

function closeCodes(codes: Record<string, string>): string {
  const rows = Object.entries(codes).map(
    ([code, why]) => `<tr><td><code>${escapeHtml(code)}</code></td><td>${escapeHtml(why)}</td></tr>`,
  );
  return `<section id="close-codes"><h2>close codes</h2><table><tbody>${rows.join("")}</tbody></table></section>`;
}

function schemas(components: Record<string, Json>): string {
  return Object.entries(components)
    .map(([name, schema]) =>
      article(`schema-${name}`, `schema ${name}`, `<h3>${escapeHtml(name)}</h3>${fieldTable(schema)}`),
    )
    .join("\n");
}

/** Where frames are sent and seen; the script of the page brings it to life. */
function console(methods: readonly string[]): string {
  const destructive = methods.filter((name) => isDestructive(name, "")).join(" ");
  const first = { id: 1, method: "chat.run", params: { message: "Hello, AI!" } };
  return `<details id="page-console" data-destructive="${escapeHtml(destructive)}" hidden><summary>Console <output id="console-state">not connected</output></summary>
<form autocomplete="off">
<ol id="console-log" tabindex="0" aria-label="Frames" aria-live="off"></ol>
<label class="wide"><span>Frame</span><textarea id="console-frame" rows="3" spellcheck="false">${escapeHtml(JSON.stringify(first))}</textarea></label>
<p class="buttons"><button type="submit">Send</button><button type="button" id="console-connect">Connect</button><button type="button" id="console-clear">Clear</button><label class="check"><input type="checkbox" id="console-heartbeats"> heartbeats</label><span class="ask" role="status"></span></p>
</form></details>`;
}
