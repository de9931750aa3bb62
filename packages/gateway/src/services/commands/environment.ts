import { GatewayError } from "../../lib/errors.ts";
import { safeFolders } from "./executables.ts";

/** What of the gateway's own environment every command sees: language, time zone, and who it is. */
const passedOn = [
  ...["LANG", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME"],
  ...["TZ", "USER"],
];

const mostVariables = 64;
const longestValue = 32_768;

/**
 * Names that change what a program is, or how it runs, rather than what it works on: whole families, and shapes that
 * such names have everywhere (search paths, homes, options, hooks, proxies, certificates, configuration).
 */
const refused: readonly RegExp[] = [
  /^(LD|DYLD|GLIBC|GCONV|MALLOC|RES|RESOLV|OPENCLAW|V8|NODE|NPM|YARN|PNPM|COREPACK|BUN|DENO|ELECTRON)(_|$)/,
  /^(_?JAVA|JDK|MAVEN|GRADLE|DOTNET|CORECLR|COREHOST|COMPLUS|MONO|LUA|PHP|GEM|BUNDLE|PIP|UV|POETRY|CONDA)(_|$)/,
  /^(GIT|SVN|HG|CURL|WGET|SSL|OPENSSL|CMAKE|CARGO|DOCKER|KUBE|SUDO|SYSTEMD|DBUS|XDG|GTK|GIO|QT|MAN)(_|$)/,
  /^(PERL|PYTHON|RUBY|BASH|SHELL|LESS|MAKE|RUST|SSH)/,
  /(PATH|HOME|OPTIONS|FLAGS|PRELOAD|STARTUP|HOOKS?|WRAPPER|LAUNCHER|COMMAND|EDITOR|PAGER|BROWSER|ALIASES)$/,
  /(^|_)(OPTS?|CMD|SHELL|RC|PROXY|BUNDLE|CERTS?|PROGRAM|PLUGINS?|TUNABLES)$/,
  /^(PHP|WGET|INPUT|SCREEN|NET)RC$|^GO[A-Z0-9]*$|CONFIG/,
  /^(ENV|IFS|PS[0-9]|PWD|OLDPWD|SHLVL|_|VISUAL|GLOBIGNORE|POSIXLY_CORRECT|TMOUT|FUNCNEST|EXECIGNORE|ZDOTDIR)$/,
  /^(USER|LOGNAME|TERM|TERMINFO|TERMCAP|TZDIR|LOCALDOMAIN|CC|CXX|CPP|LD|AR|AS|NM|JAVAC?|FC|YACC|LEX)$/,
];

/** Of those families, what is asked for every day and does no harm. */
const harmless: ReadonlySet<string> = new Set(["NODE_ENV", "PYTHONUNBUFFERED", "PYTHONIOENCODING"]);

/** Whether a command may be given a variable of this name by whoever writes the command. */
export function mayBeSet(name: string): boolean {
  if (harmless.has(name)) return true;
  const upper = name.toUpperCase(); // http_proxy, npm_config_*: some families are read in both spellings
  return !refused.some((shape) => shape.test(upper));
}

export interface EnvironmentFacts {
  /** The workspace. */
  readonly home: string;
  readonly cwd: string;
  /** Variables of the gateway that the config shares with commands. */
  readonly shared: readonly string[];
  variable(name: string): string | undefined;
  /** As the model wrote them. */
  readonly given: Readonly<Record<string, string>>;
}

/** All that a command sees, and nothing else. Throws `invalid_request` for a name that would change what runs. */
export function commandEnvironment(facts: EnvironmentFacts): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of [...passedOn, ...facts.shared]) {
    const value = facts.variable(name);
    if (value !== undefined) env[name] = value;
  }
  env.LANG ??= "C.UTF-8";
  const given = Object.entries(facts.given);
  if (given.length > mostVariables) throw wrong(`has more than ${mostVariables} variables.`);
  for (const [name, value] of given) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
      throw wrong(`names ${JSON.stringify(name.slice(0, 128))}, which is no name of a variable.`);
    }
    if (!mayBeSet(name)) {
      throw wrong(`names ${name}, which may not be set: it can change what runs. Do without it.`);
    }
    if (value.includes("\0") || value.length > longestValue) {
      throw wrong(`has a value for ${name} that contains NUL or is longer than ${longestValue} characters.`);
    }
    env[name] = value;
  }
  return Object.freeze({
    ...env,
    PATH: safeFolders.join(":"),
    HOME: facts.home,
    PWD: facts.cwd,
    TERM: "dumb",
  });
}

function wrong(what: string): GatewayError {
  return new GatewayError("invalid_request", `env ${what}`, { param: "env" });
}
