import { z } from "zod";
import type { SearchProvider } from "./search-provider.ts";

const answer = z.object({
  web: z
    .object({
      results: z.array(z.object({ title: z.string(), url: z.string(), description: z.string().nullish() })),
    })
    .nullish(),
});

/** Brave Search. Source: https://api-dashboard.search.brave.com/app/documentation/web-search/get-started */
export const provider: SearchProvider = {
  request: ({ baseUrl, key = "", query, count }) => ({
    url: `${baseUrl}/web/search?${new URLSearchParams({ q: query, count: String(count), text_decorations: "false" })}`,
    headers: { "x-subscription-token": key },
  }),
  results: (written) =>
    (answer.parse(written).web?.results ?? []).map(({ title, url, description }) => ({
      title: unmarked(title),
      url,
      snippet: unmarked(description ?? ""),
    })),
};

const signs: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#x27": "'",
  "#39": "'",
};

/** Its texts are HTML: emphasis, and signs as entities. */
function unmarked(html: string): string {
  return html
    .replace(/<\/?(?:strong|b|em|i)>/g, "")
    .replace(/&(amp|lt|gt|quot|#x27|#39);/g, (_, name: string) => signs[name]!);
}
