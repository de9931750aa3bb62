import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorCodes, errorTable, errorType } from "openclaw-protocol";

test("docs/errors.md lists exactly the codes of the table, with their status, type and meaning", () => {
  const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\|\s*`([^`]+)`\s*\|\s*(\d+)\s*\|\s*`([^`]+)`\s*\|\s*(.+?)\s*\|$/gm)].map(
    (row) => row.slice(1),
  );
  const expected = errorCodes.map((code) => {
    const { status, description } = errorTable[code];
    return [code, String(status), errorType(code), description];
  });
  assert.deepEqual(rows, expected);
});
