import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeSet } from "../../src/services/commands/environment.ts";
import { commandRig } from "../tools/command-rig.ts";

test("variables that change what runs are refused, in every spelling", async (t) => {
  const names = [
    ..."LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS".split(
      " ",
    ),
    ..."PYTHONSTARTUP PYTHONPATH PYTHONHOME PYTHONINSPECT PERL5LIB PERL5OPT PERLLIB RUBYOPT RUBYLIB".split(
      " ",
    ),
    ..."JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_HOME CLASSPATH MAVEN_OPTS DOTNET_STARTUP_HOOKS".split(
      " ",
    ),
    ..."CORECLR_PROFILER BASH_ENV ENV BASH_FUNC_ls SHELLOPTS BASHOPTS PS4 IFS PROMPT_COMMAND CDPATH ZDOTDIR".split(
      " ",
    ),
    ..."GIT_SSH_COMMAND GIT_SSH GIT_EXTERNAL_DIFF GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_EXEC_PATH GIT_DIR".split(
      " ",
    ),
    ..."GIT_ASKPASS GIT_PROXY_COMMAND GIT_PAGER EDITOR VISUAL PAGER MANPAGER LESSOPEN BROWSER SSH_ASKPASS".split(
      " ",
    ),
    ..."PATH HOME PWD SHELL HTTP_PROXY http_proxy https_proxy ALL_PROXY no_proxy SSL_CERT_FILE SSL_CERT_DIR".split(
      " ",
    ),
    ..."REQUESTS_CA_BUNDLE CURL_CA_BUNDLE CURL_HOME npm_config_script_shell NPM_CONFIG_PREFIX npm_config_node_options".split(
      " ",
    ),
    ..."GLIBC_TUNABLES GCONV_PATH LOCPATH NLSPATH HOSTALIASES RES_OPTIONS MALLOC_CHECK_ TERMINFO TERMCAP TERM".split(
      " ",
    ),
    ..."PIP_INDEX_URL UV_INDEX_URL CARGO_BUILD_RUSTC_WRAPPER RUSTC_WRAPPER RUSTFLAGS GOFLAGS GOPROXY MAKEFLAGS CC".split(
      " ",
    ),
    ..."DOCKER_HOST DOCKER_CONFIG KUBECONFIG AWS_CONFIG_FILE PHPRC PHP_INI_SCAN_DIR LUA_INIT LUA_PATH XDG_CONFIG_HOME".split(
      " ",
    ),
    ..."OPENCLAW_STATE_DIR OPENSSL_CONF WGETRC INPUTRC TAR_OPTIONS ELECTRON_RUN_AS_NODE USER".split(" "),
  ];
  for (const name of names) assert.equal(mayBeSet(name), false, name);
  for (const name of ["FOO", "CI", "DEBUG", "PORT", "NODE_ENV", "TZ", "LC_ALL", "INPUT_FILE", "SRC"]) {
    assert.equal(mayBeSet(name), true, name);
  }
  const rig = commandRig(t);
  for (const name of [...names, "A B", "A=B", "", "1A", "BASH_FUNC_ls%%", "A\nB"]) {
    const { isError, asked } = await rig.call("exec", { argv: ["true"], env: { [name]: "x" } });
    assert.equal(isError, true, name);
    assert.equal(asked, undefined, name);
  }
});

test("secrets of the gateway's environment reach no command", async (t) => {
  const variables = {
    OPENAI_API_KEY: "the key of OpenAI",
    OPENCLAW_GATEWAY_TOKEN: "the token of the gateway",
    PATH: "/evil",
    LD_PRELOAD: "/evil.so",
  };
  const rig = commandRig(t, { variables });
  process.env.SECRET_OF_THE_PROCESS = "the secret of the process";
  t.after(() => delete process.env.SECRET_OF_THE_PROCESS);
  const { result } = await rig.call("exec", { argv: ["env"] });
  assert.doesNotMatch(result.stdout, /the key of|the token of|the secret of|evil/);
  assert.match(result.stdout, /^PATH=\/usr\/local\/sbin:/m);
});
