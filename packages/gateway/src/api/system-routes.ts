import type { Json } from "./contract-schemas.ts";
import type { RawRoute } from "./http-call.ts";

export interface SystemRoutesDeps {
  version: string;
  /** Why work cannot be admitted now; undefined when it can. */
  notReady(): Promise<string | undefined>;
  channels(): Promise<Record<string, string>>;
  metrics(): string;
}

const page = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** What a browser shows that was pointed at the gateway. It says nothing that a stranger may not know. */
const welcome = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>OpenClaw</title>
<style>body{font:1.1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1.5rem}</style>
<h1>OpenClaw is running</h1>
<p>The API is described at <a href="/docs">/docs</a>. Your browser will ask for a user name and a password: the name can
be anything, the password is the gateway's token (<code>npx openclaw token</code>).</p>
</html>
`;

/** Health, metrics and self-description: what exists over HTTP alone. */
export function systemRoutes(deps: SystemRoutesDeps): RawRoute[] {
  const { version } = deps;
  // Made once, when first asked for: it takes 20 ms, in which nothing else would happen.
  let openapi: Promise<Json> | undefined;
  let asyncapi: Promise<Json> | undefined;
  const openApi = () => (openapi ??= import("./openapi.ts").then((it) => it.buildOpenApi(version)));
  const asyncApi = () => (asyncapi ??= import("./asyncapi.ts").then((it) => it.buildAsyncApi(version)));
  const pages = () => import("./docs/pages.ts");

  return [
    {
      method: "GET",
      path: "/",
      scopes: [],
      open: true,
      handle: (http) => http.sendText(200, welcome, page),
    },
    {
      method: "GET",
      path: "/healthz",
      scopes: [],
      open: true,
      handle: (http) => http.sendJson(200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/readyz",
      scopes: [],
      open: true,
      async handle(http) {
        const reason = await deps.notReady();
        if (reason !== undefined) http.sendJson(503, { status: "unavailable", reason });
        else http.sendJson(200, { status: "ok", channels: await deps.channels() });
      },
    },
    {
      method: "GET",
      path: "/metrics",
      scopes: ["read"],
      handle: (http) =>
        http.sendText(200, deps.metrics(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
    },
    {
      method: "GET",
      path: "/openapi.json",
      scopes: [],
      handle: async (http) => http.sendJson(200, await openApi()),
    },
    {
      method: "GET",
      path: "/asyncapi.json",
      scopes: [],
      handle: async (http) => http.sendJson(200, await asyncApi()),
    },
    {
      method: "GET",
      path: "/docs",
      scopes: [],
      handle: async (http) => (await pages()).sendHttpPage(http, await openApi()),
    },
    {
      method: "GET",
      path: "/docs/websocket",
      scopes: [],
      handle: async (http) => (await pages()).sendSocketPage(http, await asyncApi()),
    },
    {
      method: "GET",
      path: "/docs/page.js",
      scopes: [],
      handle: async (http) => (await pages()).sendScript(http),
    },
  ];
}
