import { parseArgs } from "node:util";
import { type Effort, full, quick } from "./effort.ts";
import type { Figure } from "./figure.ts";
import { builtGateway } from "./gateway-build.ts";
import { type MeasureName, measures, runMeasures } from "./measures.ts";
import { document, table } from "./report.ts";

const usage = `npm run bench -- [--quick] [--json] [--only <name>]… [--entry <file>]

  --quick         fewer rounds: about 40 s instead of two minutes
  --json          one JSON document instead of the table
  --only <name>   one of: ${Object.keys(measures).join(", ")}; may be repeated
  --entry <file>  another gateway bundle than packages/gateway/dist, e.g. of an older version`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    entry: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const asked = options.only ?? Object.keys(measures);
const names = asked.filter((it): it is MeasureName => Object.hasOwn(measures, it));

if (options.help) {
  console.log(usage);
} else if (names.length < asked.length) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const effort: Effort = options.quick ? quick : full;
  const figures: Figure[] = await runMeasures(options.entry ?? builtGateway(), names, effort);
  console.log(options.json ? document(figures) : table(figures));
}
