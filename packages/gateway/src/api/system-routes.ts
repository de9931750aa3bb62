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
      async handle(http) {
        const { buildOpenApi } = await import("./openapi.ts");
        http.sendJson(200, buildOpenApi(version));
      },
    },
    {
      method: "GET",
      path: "/asyncapi.json",
      scopes: [],
      async handle(http) {
        const { buildAsyncApi } = await import("./asyncapi.ts");
        http.sendJson(200, buildAsyncApi(version));
      },
    },
    {
      method: "GET",
      path: "/docs",
      scopes: [],
      async handle(http) {
        const [{ buildOpenApi }, { renderDocs }] = await Promise.all([
          import("./openapi.ts"),
          import("./docs-page.ts"),
        ]);
        http.sendText(200, renderDocs(buildOpenApi(version)), page);
      },
    },
  ];
}
