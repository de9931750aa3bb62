/** SHA-256 over the names and contents of everything that goes into the bundle, in hex. */
export function hashSources(): string;
