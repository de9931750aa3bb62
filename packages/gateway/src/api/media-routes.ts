import type { Media } from "../services/media.ts";
import type { RawRoute } from "./http-call.ts";

/** Kept files as they are, of any size. */
export function mediaRoutes(media: Pick<Media, "open">): RawRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/media/{mediaId}/content",
      scopes: ["read"],
      async handle(http) {
        const { path, headers, media: file } = await media.open(http.params.mediaId ?? "");
        await http.sendFile(path, { size: file.size, headers });
      },
    },
  ];
}
