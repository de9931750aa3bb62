import { find } from "./elements.ts";

/**
 * Adds the token that was typed into the page, which is kept nowhere else. Without one the browser sends what it
 * loaded the page with.
 */
export function withCredential(init: RequestInit): RequestInit {
  const token = find<HTMLInputElement>("#page-token").value.trim();
  if (token === "") return { ...init, credentials: "same-origin" };
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token}`);
  // Omitting the browser's own keeps it from asking for another one when this one is refused.
  return { ...init, headers, credentials: "omit" };
}
