import { basename } from "node:path";

/** Programs that run other programs or code, by what they are given: a list of words ending in `*` says nothing of them. */
const runners: ReadonlySet<string> = new Set(
  `sh bash dash ash zsh ksh mksh fish csh tcsh elvish nu pwsh powershell rbash
  env nohup nice ionice chrt taskset setsid timeout time stdbuf unbuffer script scriptreplay watch expect xargs parallel
  find fd fdfind entr sudo doas su runuser pkexec chroot unshare nsenter setpriv capsh bwrap firejail systemd-run
  start-stop-daemon daemonize at batch crontab screen tmux dtach flock strace ltrace gdb lldb perf valgrind ld.so
  ssh sshpass scp sftp rsync mosh autossh ssh-keygen ssh-agent socat nc ncat netcat telnet openssl ip wget
  python pypy ipython node nodejs deno bun tsx ts-node perl ruby irb jruby php lua luajit tclsh wish guile racket ghci
  runghc julia r rscript java jshell groovy scala kotlin dotnet mono erl elixir iex ocaml osascript awk gawk mawk nawk
  sed ed ex vi vim view nvim emacs emacsclient nano pico less more most man info tig mc
  git hg svn bzr jj gh make gmake bmake cmake ninja meson bazel just task rake ant mvn gradle gradlew
  npm npx pnpm pnpx yarn yarnpkg corepack pip pipx uv uvx poetry conda cargo rustc rustup go gem bundle composer
  cc gcc g++ c++ clang clang++ tcc ld as zig swift swiftc
  docker podman nerdctl kubectl helm lxc machinectl vagrant ansible ansible-playbook terraform
  apt apt-get dpkg rpm yum dnf brew snap flatpak nix nix-shell nix-env pacman apk systemctl launchctl
  tar bsdtar cpio zip 7z 7za sort split rg ripgrep ag bat dc patch gnuplot octave magick convert pandoc tex latex
  pdflatex xelatex lualatex open xdg-open start run-parts logrotate tcpdump
  mysql psql sqlite3 mongosh redis-cli ftp lftp mail mailx sendmail busybox toybox coreutils`.split(/\s+/),
);

/** One file that is many programs: which one is meant shows only in the name that leads to it. */
const manyInOne: ReadonlySet<string> = new Set([
  "busybox",
  "toybox",
  "coreutils",
  "uutils",
  "rustup",
  "snap",
]);

/** Where a system keeps its programs, and whoever can write there owns the machine anyway. */
const systemFolder =
  /^(\/usr)?\/s?bin$|^\/usr\/local\/s?bin$|^\/(opt\/homebrew|usr\/local|home\/linuxbrew\/\.linuxbrew)\/(bin|Cellar\/[^/]+\/[^/]+\/bin)$|^\/nix\/store\/[^/]+\/bin$|^\/run\/current-system\/sw\/bin$|^\/snap\/bin$/;

/** Whether a folder is one of the system's own for programs. */
export function isSystemFolder(folder: string): boolean {
  return systemFolder.test(folder);
}

/** Whether a program can be made to run anything by its arguments. */
export function runsOthers(program: string): boolean {
  const name = basename(program).toLowerCase();
  // Parts of it count as well: docker-compose, x86_64-linux-gnu-gcc-12, python3.11
  return [name, ...name.split(/[-.]/)].some((it) => runners.has(it) || runners.has(it.replace(/\d+$/, "")));
}

/** Whether the file is many programs in one. */
export function isManyInOne(program: string): boolean {
  return manyInOne.has(basename(program).toLowerCase());
}
