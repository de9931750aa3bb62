import { z } from "zod";
import { browserGet, browserPost, browserProfile } from "./browser-fields.ts";
import { define, noParams } from "./method.ts";

const profileView = z.object({
  name: z.string(),
  color: z.string().nullable(),
  running: z.boolean(),
  persistent: z.boolean(),
  remote: z.boolean().describe("A browser of its own, reached by cdpUrl"),
  tabs: z.int(),
});

/** Who the browser is on the web. */
export const browserProfileMethods = {
  "browser.profiles": define({
    summary: "Profiles",
    scopes: ["read"],
    http: browserGet("profiles"),
    params: noParams,
    result: z.object({ profiles: z.array(profileView) }),
  }),
  "browser.profile.create": define({
    summary: "Make a profile",
    scopes: ["operate"],
    http: browserPost("profiles"),
    params: z.strictObject({
      profile: browserProfile,
      color: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/, "must be like #1a73e8")
        .optional(),
    }),
    result: profileView,
  }),
  "browser.profile.reset": define({
    summary: "Forget a profile's cookies, storage and cache; its tabs are closed",
    scopes: ["operate"],
    http: browserPost("profiles/{profile}/reset"),
    params: z.strictObject({ profile: browserProfile }),
    result: profileView,
  }),
  "browser.profile.delete": define({
    summary: "Delete a profile and everything that it has kept",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/browser/profiles/{profile}" },
    params: z.strictObject({ profile: browserProfile }),
    result: z.object({ deleted: z.boolean(), profile: z.string() }),
  }),
} as const;
