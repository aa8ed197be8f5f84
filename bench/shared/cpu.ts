/** CPU time of this process so far, all threads, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Nanoseconds of CPU an operation: `run` does `operations` of them and is repeated for at least `ms`. */
export function timeSync(operations: number, run: () => void, ms = 150): number {
  const start = cpuMicros();
  let passes = 0;
  do {
    run();
    passes += 1;
  } while (cpuMicros() - start < ms * 1000);
  return ((cpuMicros() - start) * 1000) / (passes * operations);
}

export async function timeAsync(operations: number, run: () => Promise<void>, ms = 150): Promise<number> {
  const start = cpuMicros();
  let passes = 0;
  do {
    await run();
    passes += 1;
  } while (cpuMicros() - start < ms * 1000);
  return ((cpuMicros() - start) * 1000) / (passes * operations);
}

/** Stands where a result must not be optimised away. */
export function consume(value: unknown): void {
  sink = value;
}
let sink: unknown;
export function lastConsumed(): unknown {
  return sink;
}
