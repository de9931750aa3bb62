import { createHash } from "node:crypto";
import type { Json } from "../contract-schemas.ts";
import type { HttpCall } from "../http-call.ts";
import { pageScript, pageStyle } from "./browser.gen.ts";
import { renderHttpPage } from "./http-page.ts";
import { renderSocketPage } from "./socket-page.ts";

/** Answers with the page of the OpenAPI document. */
export function sendHttpPage(http: HttpCall, openapi: Json): void {
  http.sendText(200, renderHttpPage(openapi), pageHeaders([]));
}

/** Answers with the page of the AsyncAPI document, which may also open a WebSocket to where it came from. */
export function sendSocketPage(http: HttpCall, asyncapi: Json): void {
  const { host = "" } = http.headers;
  // The transport has checked the Host header; this is only what a policy can be written with.
  const own = /^[\w.:[\]-]+$/.test(host) ? [`ws://${host}`, `wss://${host}`] : [];
  http.sendText(200, renderSocketPage(asyncapi), pageHeaders(own));
}

/** Answers with the script of both pages. */
export function sendScript(http: HttpCall): void {
  http.sendText(200, pageScript, { "content-type": "text/javascript; charset=utf-8" });
}

/** A policy under which nothing runs but our script, and nothing is reached but this gateway. */
function pageHeaders(sockets: readonly string[]): Record<string, string> {
  const style = createHash("sha256").update(pageStyle).digest("base64");
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'sha256-${style}'`,
    ["connect-src 'self'", ...sockets].join(" "),
    "img-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return { "content-type": "text/html; charset=utf-8", "content-security-policy": policy.join("; ") };
}
