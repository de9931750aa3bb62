import type { BigIntStats } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { isSame, moved, openFile } from "../../lib/contained-files.ts";
import { contain, type Place } from "../../lib/paths.ts";
import { demandTarget, target } from "./browser-params.ts";
import { pageResult, targetFacts, toldUrl } from "./browser-told.ts";
import type { Tool } from "./types.ts";

const filesAtMost = 20;
/** Of all of them together. */
const bytesAtMost = 50 * 1024 * 1024;

const params = z.strictObject({ ...target, paths: z.array(z.string()) });

/** Puts files of the workspace into a file field: from then on the site has them. */
export const tool: Tool<typeof params> = {
  name: "browser_upload",
  description: "Puts files of the workspace into a file field.",
  params,
  outside: true,
  async prepare({ paths, ...at }, { files, ports: { browser }, signal }) {
    demandTarget(at);
    if (paths.length < 1 || paths.length > filesAtMost) throw new Error(`Give 1 to ${filesAtMost} paths.`);
    const found: Found[] = [];
    for (const path of paths) found.push(await look(await contain(files, path)));
    const bytes = found.reduce((sum, it) => sum + Number(it.stats.size), 0);
    if (bytes > bytesAtMost)
      throw new Error(`These files have ${bytes} bytes together; ${bytesAtMost} is the most.`);
    const tab = await browser.active({ signal });
    const host = URL.parse(tab.url)?.host;
    const names = found.map((it) => it.place.shown);
    return {
      risks: ["network-request", "message-send"],
      why: { "message-send": "it gives files of the workspace to a website" },
      facts: {
        url: toldUrl(tab.url),
        ...targetFacts(at),
        files: found.map(({ place, stats }) => ({ path: place.shown, bytes: Number(stats.size) })),
      },
      // "Always" is for these very files and this site.
      words: host ? ["browser", host, "upload", ...names] : undefined,
      async run() {
        const read = [];
        for (const it of found) read.push({ name: basename(it.place.path), data: await readAgain(it) });
        return pageResult(await browser.upload(at, read, { only: tab, signal }));
      },
    };
  },
};

interface Found {
  place: Place;
  stats: BigIntStats;
}

async function look(place: Place): Promise<Found> {
  const { handle, stats } = await openFile(place);
  await handle.close();
  return { place, stats };
}

/** The file's bytes. Throws `conflict` unless it is as it was when it was looked at. */
async function readAgain({ place, stats: before }: Found): Promise<Uint8Array> {
  const { handle, stats } = await openFile(place);
  try {
    const isUnchanged =
      isSame(before, stats) && before.size === stats.size && before.mtimeNs === stats.mtimeNs;
    if (!isUnchanged) throw moved(place);
    const data = await handle.readFile();
    if (BigInt(data.length) !== before.size) throw moved(place);
    return data;
  } finally {
    await handle.close();
  }
}
