import assert from "node:assert/strict";
import { test } from "node:test";
import { createJudge } from "./judging.ts";
import { operationsOf } from "./operations.ts";

const document = {
  paths: {
    "/x": {
      get: {
        operationId: "x",
        responses: {
          "200": {
            content: {
              "application/json": { schema: { $ref: "#/components/schemas/X" } },
              "text/event-stream": { schema: {}, "x-events": { "x.*": { $ref: "#/components/schemas/X" } } },
            },
          },
          "400": { $ref: "#/components/responses/wrong" },
        },
      },
    },
  },
  components: {
    schemas: { X: { type: "object", properties: { a: { type: "number" } }, required: ["a"] } },
    responses: { wrong: { content: { "application/json": { schema: { type: "string" } } } } },
  },
};

test("the judge of the fuzzing lets through what the document describes, and nothing else", () => {
  const judge = createJudge(document);
  const [operation] = operationsOf(document);
  const json = "application/json";
  const stream = "text/event-stream";
  const event = (name: string, data: string) => `event: ${name}\ndata: ${data}\n\n`;
  const right = [
    [200, json, '{"a":1}'],
    [400, json, '"no"'],
    [200, stream, `: hi\n\n${event("x.y", '{"a":1}')}data: [DONE]\n\n`],
  ] as const;
  const wrong = [
    [500, json, "{}"],
    [418, json, "{}"],
    [200, "text/html", "<p>"],
    [200, json, '{"a":"1"}'],
    [400, json, "{}"],
    [200, stream, event("y", '{"a":1}')],
    [200, stream, event("x.y", "{}")],
  ] as const;
  for (const [status, type, text] of right) assert.deepEqual(judge(operation!, { status, type, text }), []);
  for (const [status, type, text] of wrong) {
    assert.equal(judge(operation!, { status, type, text }).length, 1, `${status} ${type} ${text}`);
  }
});
