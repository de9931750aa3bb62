import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process has used: CPU seconds of all its threads, and resident memory in bytes. */
interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Clock ticks a second in /proc, which Linux fixes at 100 for user space. */
const ticks = 100;

/** Looks at a process from outside, so that looking costs it nothing. */
export function usageOf(pid: number): Usage {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Source: proc_pid_stat(5), fields 14 and 15; proc_pid_status(5), VmRSS. */
function fromProc(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks,
    rssBytes: Number(rss) * 1024,
  };
}

function fromPs(pid: number): Usage {
  const text = execFileSync("ps", ["-o", "time=,rss=", "-p", String(pid)], { encoding: "utf8" });
  const [time = "", rss = ""] = text.trim().split(/\s+/);
  const cpuSeconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuSeconds, rssBytes: Number(rss) * 1024 };
}
