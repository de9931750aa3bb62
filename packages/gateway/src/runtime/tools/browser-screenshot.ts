import { z } from "zod";
import { toBase64 } from "../../lib/base64.ts";
import { selector } from "./browser-params.ts";
import { toldTitle, toldUrl } from "./browser-told.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({ selector, fullPage: z.boolean().optional() });

/** Takes a picture of the page, for the model to look at and for people to open. */
export const tool: Tool<typeof params> = {
  name: "browser_screenshot",
  description: "Shows you a picture of the page.",
  params,
  outside: true,
  prepare: (wish, { ports, signal }) => ({
    risks: [],
    async run(show) {
      const { data, ...shot } = await ports.browser.screenshot(wish, { signal });
      if (data) show({ type: "image", mimeType: shot.mimeType, data: await toBase64(data, signal) });
      return {
        success: true,
        url: toldUrl(shot.url),
        title: toldTitle(shot.title),
        mimeType: shot.mimeType,
        width: shot.width,
        height: shot.height,
        mediaId: shot.mediaId,
        note: data
          ? "The picture was shown when it was taken."
          : "The picture is too large to be shown to you. It is kept; take one of a part, by selector.",
      };
    },
  }),
};
