/** An HTTP request as a person would write it down. The credential is not part of it. */
export interface WrittenRequest {
  readonly verb: string;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Whether the answer comes in pieces that should be shown at once. */
  readonly streams?: boolean;
  /** Whether it needs no credential. */
  readonly open?: boolean;
}

/** The same request as a curl command for a POSIX shell, with `$TOKEN` where the credential goes. */
export function curlCommand(request: WrittenRequest): string {
  const { verb, url, headers = {}, body, streams = false, open = false } = request;
  const implied = body === undefined ? "GET" : "POST";
  const first = ["curl", ...(streams ? ["-N"] : []), ...(verb === implied ? [] : ["-X", verb]), quoted(url)];
  const rest = [
    ...(open ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quoted(body)}`]),
  ];
  return [first.join(" "), ...rest].join(" \\\n  ");
}

/** A path with its `{name}` places filled in; a place without a value stays as it is, to be seen. */
export function filledPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)(?:\.{3})?\}/g, (place, name: string) => {
    const value = values[name];
    return value ? encodeURIComponent(value) : place;
  });
}

/** One word of the shell, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
