import { getBuiltinModule } from "node:process";
import type { Plugin } from "rolldown";

const prefix = "\0built-in:";

/**
 * Imports `node:http` and `node:https` without their lazy parts. An `import` of them reads every export, the
 * WebSocket and fetch of Node's own undici among them: 12 ms and 14 MB that the gateway has no use for.
 */
export function leanHttp(): Plugin {
  return {
    name: "lean-http",
    // A `require` reads nothing by itself, and what it gives must have every property (undici reads maxHeaderSize).
    resolveId: (id, _importer, { kind }) =>
      kind !== "require-call" && /^(node:)?https?$/.test(id)
        ? `${prefix}${id.replace(/^(node:)?/, "node:")}`
        : null,
    load(id) {
      if (!id.startsWith(prefix)) return null;
      const name = id.slice(prefix.length);
      const exports = Object.entries(Object.getOwnPropertyDescriptors(getBuiltinModule(name) ?? {}))
        .filter(([, property]) => property.get === undefined)
        .map(([key]) => key);
      return `const m=process.getBuiltinModule("${name}");export default m;export const {${exports.join(",")}}=m;`;
    },
  };
}
