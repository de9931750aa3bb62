import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const header = `// Made from browser/ by scripts/generate.ts. Change what is there, not this file.
`;

/** The script and the stylesheet of the gateway's pages, as a module that needs no file beside it. */
export async function emitPageParts(): Promise<string> {
  const entry = import.meta.resolve("../packages/gateway/src/api/docs/browser/page.ts");
  const bundle = await rolldown({
    input: fileURLToPath(entry),
    cwd: fileURLToPath(new URL(".", entry)),
    platform: "browser",
    transform: { target: "es2022" },
  });
  const { output } = await bundle.generate({ format: "iife", comments: true });
  await bundle.close();
  const style = await readFile(new URL("page.css", entry), "utf8");
  return `${header}
/** JavaScript, for the browser. */
export const pageScript = ${template(output[0].code)};

export const pageStyle = ${template(style)};
`;
}

/** A template literal that gives the text. */
function template(text: string): string {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
