/**
 * Types that a browser may show at once: none of them runs anything. All others, HTML, SVG, XML and PDF above all, are
 * for saving only.
 */
const shown = /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|(?:audio|video)\/[a-z0-9.+-]+|text\/plain)$/;
/** A type as it may stand in a header (https://www.rfc-editor.org/rfc/rfc6838#section-4.2). */
const typed = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;

/** The type that a kept file may be said to have, whoever has declared it. */
export function mediaType(declared: string): string {
  const type = declared.toLowerCase();
  return typed.test(type) ? type : "application/octet-stream";
}

/**
 * The headers that a kept file's bytes are served with, besides the `nosniff` of every answer: whatever it claims to be,
 * it is never guessed at, never run, and unless it can do no harm it is saved rather than shown.
 */
export function mediaHeaders(file: { name: string; mimeType: string }): Record<string, string> {
  const type = mediaType(file.mimeType);
  return {
    "Content-Type": type === "text/plain" ? `${type}; charset=utf-8` : type,
    "Content-Disposition": `${shown.test(type) ? "inline" : "attachment"}; ${filename(file.name)}`,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
  };
}

/** For programs that know only ASCII, and for all others (https://www.rfc-editor.org/rfc/rfc6266#section-5). */
function filename(name: string): string {
  const ascii = name.replace(/[^ -~]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
