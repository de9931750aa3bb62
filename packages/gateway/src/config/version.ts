import packageJson from "../../package.json" with { type: "json" };

/** This build's version, `YYYY.M.PATCH`. */
export const version: string = packageJson.version;
