import { z } from "zod";
import { contain } from "../../lib/paths.ts";
import { safeName } from "../../lib/safe-name.ts";
import { demandNoMore, handingOver } from "./browser-handing-over.ts";
import { demandTarget, target } from "./browser-params.ts";
import { targetFacts, toldUrl } from "./browser-told.ts";
import { risksOf } from "./change-files.ts";
import { saveCopy } from "./save-copy.ts";
import type { Tool } from "./types.ts";

const folder = "downloads";

const params = z.strictObject({
  ...target,
  url: z.string().max(4_096).optional(),
  path: z.string().optional(),
});

/** Fetches a file by the browser, with its cookies: by a click, or by an address. */
export const tool: Tool<typeof params> = {
  name: "browser_download",
  description: `Saves what a click or a url gives: to path, or in ${folder}/.`,
  params,
  outside: true,
  async prepare({ path, url: written, ...at }, { files, ports: { browser }, signal }) {
    const url = written === undefined ? undefined : URL.parse(written)?.href;
    if (written === undefined) demandTarget(at);
    else if (url === undefined) throw new Error("This is not a URL. Give it whole, as https://….");
    else if (at.ref ?? at.selector) throw new Error("Give either a url or what to click.");
    const place = await contain(files, path ?? `${folder}/download`);
    if (path !== undefined && (path.endsWith("/") || place.shown === "."))
      throw new Error("The path must be that of a file.");
    const risks = risksOf([{ place, after: Buffer.alloc(0) }]);
    const mayBeIdentity = risks.includes("identity-write");
    const click = { kind: "click", ...at } as const;
    const seen = url === undefined ? await browser.inspect(click, { signal }) : undefined;
    const handed = seen && handingOver(seen);
    return {
      risks: [...new Set([...(handed?.risks ?? ["network-request" as const]), ...risks])],
      why: handed?.why,
      facts: {
        ...handed?.facts,
        ...targetFacts(at),
        ...(url !== undefined && { url: toldUrl(url) }),
        to: place.shown,
      },
      async run() {
        if (seen) demandNoMore(seen, await browser.inspect(click, { signal }));
        const saved = await browser.download(
          { ...at, url },
          {
            signal,
            save: ({ path: from, name }) =>
              saveCopy(files, path ?? `${folder}/${safeName(name) ?? "download"}`, {
                from,
                mayBeIdentity,
                signal,
              }),
          },
        );
        const { name, size, mediaId } = saved;
        return { success: true, path: saved.path, mediaId, name: safeName(name) ?? "download", size };
      },
    };
  },
};
