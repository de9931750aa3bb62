import { contract, type Method, type MethodName } from "openclaw-protocol";
import { contractSchemas, type Json } from "../packages/gateway/src/api/contract-schemas.ts";
import { curlCommand, filledPath } from "../packages/gateway/src/api/docs/curl.ts";
import { createExamples, type Examples } from "../packages/gateway/src/api/docs/examples.ts";
import { describeType, nameOf, type TypeStyle } from "../packages/gateway/src/api/docs/types.ts";

const base = "http://127.0.0.1:18789";

const intro = `<!-- Made from the contract by scripts/generate.ts. Change the contract, not this file. -->
# Methods

Every method of the gateway, over HTTP and over the WebSocket at \`/\`. The same, to be tried in a browser, is at \`/docs\` and
\`/docs/websocket\` of a running gateway; what runs, events and sessions are is told in [api.md](api.md), errors in
[errors.md](errors.md), credentials and scopes in [security.md](security.md).

Over HTTP, parameters that the path does not name go into the query of \`GET\` and \`DELETE\`, and into the JSON body of \`POST\` and \`PATCH\`.
Over the WebSocket all of them go into \`params\`, and the domain can be written in the plural, too (\`sessions.list\`).
Where several scopes are given, one is enough. In the tables, * marks what is required.
`;

/** The reference of all methods, as Markdown. */
export function emitMethods(): string {
  const schemas = contractSchemas();
  const examples = createExamples(schemas.components);
  const domains = Map.groupBy([...schemas.methods], ([name]) => name.slice(0, name.indexOf(".")));
  const list = [...domains].map(([domain, methods]) => {
    const links = methods.map(([name]) => `[\`${name}\`](#${anchor(name)})`);
    return `| [${domain}](#${anchor(domain)}) | ${links.join(" · ")} |`;
  });
  const parts = [...domains].map(
    ([domain, methods]) =>
      `## ${domain}\n\n${methods.map(([name, shapes]) => method(name, shapes, examples)).join("\n")}`,
  );
  const types = namedTypes(
    schemas.components,
    [...schemas.methods.values()].flatMap((it) => [it.params, it.result]),
  );
  const shapes = types.map((name) => `### type ${name}\n\n${fields(schemas.components[name]!)}\n`); // names of components
  return `${intro}\n| | |\n|---|---|\n${list.join("\n")}\n\n${parts.join("\n")}\n## Types\n\n${shapes.join("\n")}`;
}

function method(name: MethodName, shapes: { params: Json; result: Json }, examples: Examples): string {
  const { summary, scopes, http, aliases = [] }: Method = contract[name];
  const path = http.path.replace("...}", "}");
  const facts = [
    `\`${http.method} ${path}\``,
    ...(http.status ? [`answers ${http.status}`] : []),
    scopes.length > 0 ? `scope ${scopes.map((it) => `\`${it}\``).join(" or ")}` : "any credential",
    ...(aliases.length > 0 ? [`also called ${aliases.map((it) => `\`${it}\``).join(", ")}`] : []),
  ];
  const params = examples.ofOperation(name, shapes.params) as Record<string, unknown>; // every params is an object
  return `### ${name}

${prose(summary)}.

${facts.join(" · ")}

${Object.keys((shapes.params.properties ?? {}) as Json).length > 0 ? `${fields(shapes.params)}\n` : "No parameters.\n"}
${result(shapes.result)}

\`\`\`sh
${curl(http.method, http.path, params, path)}
\`\`\`

\`\`\`json
${JSON.stringify({ id: 1, method: name, params })}
\`\`\`
`;
}

function result(schema: Json): string {
  if (schema.type !== "object" || !schema.properties) return `**Result:** ${typeOf(schema)}`;
  return `**Result:**\n\n${fields(schema)}`;
}

/** The request of the example; ids in the path come from its parameters. */
function curl(verb: string, template: string, params: Record<string, unknown>, path: string): string {
  const inPath = new Set([...template.matchAll(/\{(\w+)/g)].map((match) => match[1]!)); // the group is part of the match
  const filled = filledPath(
    path,
    texts(params, (key) => inPath.has(key)),
  );
  const rest = Object.fromEntries(Object.entries(params).filter(([key]) => !inPath.has(key)));
  const bodied = verb === "POST" || verb === "PATCH";
  const query = new URLSearchParams(bodied ? {} : texts(rest, () => true));
  const body = bodied && Object.keys(rest).length > 0 ? JSON.stringify(rest) : undefined;
  return curlCommand({
    verb,
    url: `${base}${filled}${query.size > 0 ? `?${query}` : ""}`,
    ...(body !== undefined && { headers: { "Content-Type": "application/json" }, body }),
    streams: path.endsWith("/events") && verb === "GET",
  });
}

function texts(values: Record<string, unknown>, keep: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => keep(key))
      .map(([key, value]) => [key, String(value)]),
  );
}

function fields(schema: Json): string {
  const { properties, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] };
  if (!properties) return typeOf(schema);
  const rows = Object.entries(properties).map(([name, field]) => {
    const mark = required.includes(name) ? " *" : "";
    return `| \`${name}\`${mark} | ${typeOf(field)} | ${prose(field.description ?? "")} |`;
  });
  return `| field | type | |\n|---|---|---|\n${rows.join("\n")}`;
}

const markdown: TypeStyle = {
  link: (name) => `[${name}](#${anchor(`type ${name}`)})`,
  literal: (value) => `\`${JSON.stringify(value).replaceAll("|", "\\|")}\``,
  text: (value) => prose(String(value)),
  or: " or ",
};

function typeOf(schema: Json): string {
  return describeType(schema, markdown);
}

/** Text for a cell of a table: nothing in it is markup, except `…`. */
function prose(text: unknown): string {
  return String(text).replace(/[|<>*_[\]]/g, (char) =>
    char === "<" ? "&lt;" : char === ">" ? "&gt;" : `\\${char}`,
  );
}

/** The id that Markdown gives a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

/** The named schemas that are needed for these, directly or not, in the order of the alphabet. */
function namedTypes(components: Record<string, Json>, schemas: unknown): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    if ("$ref" in value && typeof value.$ref === "string") {
      const name = nameOf(value.$ref);
      if (found.has(name)) return;
      found.add(name);
      visit(components[name]);
    } else for (const part of Object.values(value)) visit(part);
  };
  visit(schemas);
  return [...found].sort();
}
