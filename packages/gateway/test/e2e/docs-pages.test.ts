import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { contract, errorTable, runEvents, systemEvents } from "openclaw-protocol";
import { buildAsyncApi } from "../../src/api/asyncapi.ts";
import type { Json } from "../../src/api/contract-schemas.ts";
import { renderHttpPage } from "../../src/api/docs/http-page.ts";
import { renderSocketPage } from "../../src/api/docs/socket-page.ts";
import { buildOpenApi } from "../../src/api/openapi.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const openapi = buildOpenApi("2026.1.2");
const asyncapi = buildAsyncApi("2026.1.2");

/** Every operation of the document, with the HTML of its article. */
function operations(html: string) {
  return Object.entries(openapi.paths as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, spec]) => {
      const id = String(spec.operationId);
      const start = html.indexOf(`<article id="${id}"`);
      assert.notEqual(start, -1, `${id} is missing`);
      return {
        verb: verb.toUpperCase(),
        path,
        spec,
        html: html.slice(start, html.indexOf("</article>", start)),
      };
    }),
  );
}

describe("the pages as the gateway serves them", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.close());

  for (const path of ["/docs", "/docs/websocket"]) {
    it(`${path} comes with a policy that lets nothing run but our script`, async () => {
      const response = await gateway.fetch(path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'sha256-[\w+/=]+'; /);
      assert.doesNotMatch(policy, /unsafe|data:|\*|https?:/);
      const html = await response.text();
      assert.deepEqual(html.match(/<script[^>]*>/g), ['<script src="/docs/page.js" defer>']);
      assert.doesNotMatch(html, /\son\w+=|\sstyle=|javascript:|<link|<iframe|@import|url\(/i);
    });
  }

  it("only the page with the console may open WebSockets, and only to where it came from", async () => {
    const policy = async (path: string) =>
      /connect-src ([^;]+)/.exec(
        (await gateway.fetch(path)).headers.get("content-security-policy") ?? "",
      )?.[1];
    const host = `127.0.0.1:${gateway.port}`;
    assert.equal(await policy("/docs"), "'self'");
    assert.equal(await policy("/docs/websocket"), `'self' ws://${host} wss://${host}`);
  });

  it("the script is JavaScript, never turns text into code or HTML, and names no other host", async () => {
    const response = await gateway.fetch("/docs/page.js");
    assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    const script = await response.text();
    assert.doesNotThrow(() => new Function(script), "it can be parsed");
    assert.doesNotMatch(
      script,
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|https?:\/\/|localStorage|cookie/,
    );
  });

  it("nothing of them is shown without a credential", async () => {
    for (const path of ["/docs", "/docs/websocket", "/docs/page.js"]) {
      const response = await fetch(gateway.url + path);
      assert.equal(response.status, 401, path);
      assert.match(response.headers.get("www-authenticate") ?? "", /Basic/);
    }
  });
});

describe("the page of the HTTP API", () => {
  const html = renderHttpPage(openapi);

  it("shows every operation with a form that has all its fields", () => {
    for (const { verb, path, spec, html } of operations(renderHttpPage(openapi))) {
      assert.ok(html.includes(`<form data-verb="${verb}" data-path="${path}"`), `${verb} ${path}`);
      for (const field of (spec.parameters ?? []) as Json[]) {
        assert.ok(html.includes(`name="${field.name}" data-in="${field.in}"`), `${path} lacks ${field.name}`);
      }
      assert.equal(html.includes('data-in="body"'), "requestBody" in spec, `${path}: body`);
    }
  });

  it("asks twice before an operation that takes something away, and before no other", () => {
    const asking = operations(html).filter((it) => it.html.includes(" data-destructive"));
    const ids = new Set(asking.map(({ spec }) => spec.operationId));
    for (const { verb, spec } of operations(html))
      if (verb === "DELETE") assert.ok(ids.has(spec.operationId));
    for (const id of ["token.rotate", "session.reset", "channel.logout"]) assert.ok(ids.has(id), id);
    for (const id of ["agent.run", "session.list", "token.create"]) assert.ok(!ids.has(id), id);
  });

  it("names every method, event and error code", () => {
    for (const name of Object.keys(contract)) assert.ok(html.includes(`<code>${name}</code>`), name);
    for (const type of Object.keys({ ...runEvents, ...systemEvents })) assert.ok(html.includes(type), type);
    for (const code of Object.keys(errorTable)) assert.ok(html.includes(`<code>${code}</code>`), code);
    assert.doesNotMatch(html, /undefined|\[object Object\]/);
  });
});

describe("the page of the WebSocket", () => {
  const html = renderSocketPage(asyncapi);

  it("shows every method with a frame to try, every event and every close code", () => {
    for (const name of Object.keys(contract)) {
      assert.ok(html.includes(`<article id="${name}"`), name);
      assert.ok(html.includes(`&#34;method&#34;:&#34;${name}&#34;`), name);
    }
    for (const type of Object.keys({ ...runEvents, ...systemEvents })) {
      assert.ok(html.includes(`<article id="event-${type}"`), type);
    }
    for (const code of [1002, 1007, 1008, 1009, 1012, 1013]) assert.ok(html.includes(`<code>${code}</code>`));
    assert.doesNotMatch(html, /undefined|\[object Object\]/);
  });
});

describe("both pages", () => {
  const pages = { "/docs": renderHttpPage(openapi), "/docs/websocket": renderSocketPage(asyncapi) };

  it("lead to each other and to the documents", () => {
    for (const html of Object.values(pages)) {
      for (const href of ["/docs", "/docs/websocket", "/openapi.json", "/asyncapi.json"]) {
        assert.ok(html.includes(`<a href="${href}"`), href);
      }
    }
  });

  it("have every place that their links lead to, and no id twice", () => {
    for (const [own, html] of Object.entries(pages)) {
      const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
      assert.equal(new Set(ids).size, ids.length, own);
      for (const [, path, id] of html.matchAll(/href="([^"#]*)#([^"]+)"/g)) {
        const there = pages[(path || own) as keyof typeof pages]; // links with a place stay within the two
        assert.ok(there.includes(` id="${id}"`), `${own} → ${path}#${id}`);
      }
    }
  });

  it("escape whatever the documents say", () => {
    const hostile = `</code></pre></textarea><img src=x onerror="alert('1')">\`<b>\``;
    for (const [render, document] of [
      [renderHttpPage, openapi],
      [renderSocketPage, asyncapi],
    ] as const) {
      const html = render(poisoned(document, hostile) as Json); // a document stays one
      assert.ok(html.split("&#60;img src=x").length > 100);
      assert.doesNotMatch(html, /<img|onerror="|<b>`|<b><\/code>/);
    }
  });
});

/** The document with the text added to all words that are for people, to examples' values and to names of fields. */
function poisoned(value: unknown, text: string, key = ""): unknown {
  if (typeof value === "string") {
    if (key === "$ref" && value.includes("/schemas/")) return `${value}<img src=x>`;
    return /^(description|summary|title|format|const|default)$/.test(key) || key === "enum"
      ? value + text
      : value;
  }
  if (Array.isArray(value)) return value.map((part) => poisoned(part, text, key === "enum" ? key : ""));
  if (value === null || typeof value !== "object") return value;
  const tail = (name: string) => {
    if (key === "schemas") return "<img src=x>";
    return key === "properties" && name.length > 6 ? text : ""; // short names are those of frames
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name + tail(name), poisoned(part, text, name)]),
  );
}
