/** The bundle's entry, whether it is there or not. */
export const bundle: string;
/** The command line's entry among the sources. */
export const source: string;
/** Whether the bundle is there and says what the sources say; true where there are no sources. */
export function isBundleFresh(): boolean;
/** SHA-256 over the names and contents of everything that goes into the bundle, in hex. */
export function hashSources(): string;
