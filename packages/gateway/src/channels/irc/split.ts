/** Cuts a line into pieces of at most `most` bytes of UTF-8, at spaces where there are some, never within a character. */
export function splitLine(line: string, most: number): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (Buffer.byteLength(rest) > most) {
    const fitting = longestPrefix(rest, most);
    const space = rest.lastIndexOf(" ", fitting);
    const cut = space > 0 ? space : fitting;
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  pieces.push(rest);
  return pieces.filter((piece) => piece !== "");
}

/** How many UTF-16 units fit into so many bytes, surrogates kept together. */
function longestPrefix(text: string, most: number): number {
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    length += character.length;
  }
  return length;
}
