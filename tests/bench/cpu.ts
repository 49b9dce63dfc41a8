import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process and its ended children have used; Linux only. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  // utime and stime: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** CPU seconds of every process whose parent is `pid`, and of itself: PostgreSQL works in one process per connection. */
export function familyCpuSeconds(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => Number(statFields(candidate)[1]) === pid);
  const ended =
    statFields(pid)
      .slice(13, 15)
      .reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
  return [pid, ...children].reduce((sum, one) => sum + cpuSeconds(one), 0) + ended;
}

/** The fields after the command's name, which may hold spaces: [0] is the state, [1] the parent. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Resident memory of a process in MB. */
export function residentMegabytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return Math.round((pages * 4096) / 1_048_576);
}
