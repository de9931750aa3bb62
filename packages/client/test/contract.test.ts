import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contract,
  errorTable,
  type MethodName,
  type ErrorCode as OurErrorCode,
  type RunEvent as OurRunEvent,
  type SystemEvent as OurSystemEvent,
  type ParamsOf,
  type ResultOf,
  type WatchEvent,
} from "openclaw-protocol";
import type { ErrorCode, Methods, RunEvent, SystemEvent } from "../src/index.ts";
import { OpenClawError } from "../src/index.ts";
import { routes } from "../src/routes.gen.ts";

/** `true` where each type can stand for the other. The assignments below are checked by the compiler. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type SameMethods = { [N in MethodName]: Same<Methods[N]["result"], ResultOf<N>> };
type SameParams = { [N in MethodName]: Same<Methods[N]["params"], ParamsOf<N>> };

export const checked: [
  { [N in MethodName]: true } extends SameMethods ? true : never,
  { [N in MethodName]: true } extends SameParams ? true : never,
  Same<keyof Methods, MethodName>,
  Same<RunEvent, OurRunEvent>,
  Same<SystemEvent, OurSystemEvent | WatchEvent>,
  Same<ErrorCode, OurErrorCode>,
] = [true, true, true, true, true, true];

test("the client knows the verb and path of every method", () => {
  assert.deepEqual(
    routes,
    Object.fromEntries(
      Object.entries(contract).map(([name, { http }]) => [
        name,
        `${http.method} ${http.path.replace("...}", "}")}`,
      ]),
    ),
  );
});

test("an error that came without an HTTP status has the status of its code", () => {
  for (const [code, { status }] of Object.entries(errorTable)) {
    const detail = { code: code as OurErrorCode, message: "", type: "client_error" as const }; // a key of the table
    assert.equal(new OpenClawError(detail).status, status, code);
  }
});
