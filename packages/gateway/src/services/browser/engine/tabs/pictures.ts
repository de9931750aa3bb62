import { GatewayError } from "../../../../lib/errors.ts";
import type { Pictures } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { EngineConfig } from "../base/types.ts";
import { grouped } from "../base/words.ts";
import { coverSecrets } from "./covered.ts";
import { isNoPrinter } from "./failures.ts";
import { areaOf } from "./picture-area.ts";
import { pictureSize } from "./picture-header.ts";
import { addressOf, titleOf } from "./tab-facts.ts";

const mostBytes = { picture: 20_000_000, pdf: 50_000_000 };
const usualQuality = 80;

/** Pictures and prints of what a tab shows. One CSS pixel is one pixel. */
export function createPictures(_options: { config: Pick<EngineConfig, "headless"> }): Pictures {
  return {
    async screenshot(tab, wish, doing) {
      const { format = "png", quality } = wish;
      if (quality !== undefined && format === "png") {
        throw new GatewayError("invalid_request", "quality is for jpeg and webp; a png has none.", {
          param: "quality",
        });
      }
      const area = await areaOf(tab, wish, doing);
      const session = await tab.cdp();
      // https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-captureScreenshot
      const { data: text } = await withoutSecrets(tab, () =>
        session.send("Page.captureScreenshot", {
          format,
          ...(format !== "png" && { quality: quality ?? usualQuality }),
          clip: { ...area, scale: 1 },
          captureBeyondViewport: wish.fullPage === true,
        }),
      );
      const data = Buffer.from(text, "base64");
      demandBytes("picture", data.length, "Take a part of the page, or a jpeg of lower quality.");
      const size = pictureSize(data) ?? { width: area.width, height: area.height };
      const title = await titleOf(tab);
      return { mimeType: `image/${format}`, data, ...size, tabId: tab.id, url: addressOf(tab), title };
    },
    async pdf(tab, { format = "A4", landscape = false, background = true }) {
      try {
        const data = await withoutSecrets(tab, () =>
          tab.page.pdf({ format, landscape, printBackground: background }),
        );
        demandBytes("pdf", data.length, "Print a shorter page.");
        return data;
      } catch (error) {
        if (!isNoPrinter(error)) throw error;
        const message =
          "Only a browser without a window can print. Set browser.headless to true, or take a screenshot.";
        throw new GatewayError("invalid_request", message, { cause: error });
      }
    },
  };
}

async function withoutSecrets<T>(tab: Tab, take: () => Promise<T>): Promise<T> {
  const uncover = await coverSecrets(tab);
  try {
    return await take();
  } finally {
    await uncover();
  }
}

function demandBytes(what: "picture" | "pdf", bytes: number, remedy: string): void {
  const most = mostBytes[what];
  if (bytes <= most) return;
  const is = `The ${what === "pdf" ? "PDF" : "picture"} has ${grouped(bytes)} bytes, of at most ${grouped(most)}.`;
  throw new GatewayError("payload_too_large", `${is} ${remedy}`);
}
