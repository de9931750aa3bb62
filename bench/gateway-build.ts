import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bundle, isBundleFresh } from "../packages/gateway/bin/bundle.js";

/** The built gateway's entry; builds it where it is missing or older than its sources. */
export function builtGateway(): string {
  if (isBundleFresh()) return bundle;
  console.error("Building the gateway first.");
  const script = fileURLToPath(new URL("../scripts/build.ts", import.meta.url));
  const built = spawnSync(process.execPath, ["--conditions=openclaw-source", script], {
    stdio: [null, 2, 2],
  });
  if (built.status !== 0) throw new Error("The gateway could not be built. See above.");
  return bundle;
}
