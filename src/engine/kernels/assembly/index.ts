// Runs programs of jobs on any number of threads.
//
// A program is a list of phases; a phase is a list of lanes that may run at the same time; a lane is a list of jobs that share
// their items. A lane's items are cut into chunks. A thread takes a chunk and runs, item after item, all jobs of the lane: an
// image's data is still in the cache when the next layer wants it. The cut does not depend on the number of threads, so neither
// do the results.
//
//   program: addresses of phases
//   phase:   lanes, chunks in all, then per lane: chunks, items, jobs, address of the jobs
//   jobs:    per job: number, address of its words
//
// Counters only ever grow (modulo 2³²), so that a thread that wakes up late can never mistake an old phase for a new one.
import { runJob } from './jobs';

export { roundsOnce } from './arithmetic';

// Words of the control block, in bytes.
const SEQUENCE: usize = 0;
const OPEN: usize = 4;
const TAKEN: usize = 64;
const DONE: usize = 128;
const ACTIVE: usize = 192;
const PROGRAM: usize = 8;
const PHASES: usize = 12;
const BASE: usize = 16;
const STOP: usize = 20;
const FAILED: usize = 24;
const SCRATCH: usize = 256;

/** Looks at a counter this often before going to sleep. */
const SPINS: i32 = 4000;

function runChunk(phase: usize, index: i32, scratch: usize): void {
  let lane = phase + 8;
  let chunks = load<i32>(lane);
  while (index >= chunks) {
    index -= chunks;
    lane += 16;
    chunks = load<i32>(lane);
  }
  const items = load<i32>(lane, 4),
    jobs = load<i32>(lane, 8),
    list = load<usize>(lane, 12);
  const start = <i32>((<i64>index * <i64>items) / <i64>chunks),
    end = <i32>((<i64>(index + 1) * <i64>items) / <i64>chunks);
  for (let item = start; item < end; item++)
    for (let j = 0; j < jobs; j++) {
      const entry = list + ((<usize>j) << 3);
      runJob(load<i32>(entry), load<usize>(entry, 4), item, index, item == start, scratch);
    }
}

/** Takes chunks of all phases until the program is done. */
function work(control: usize, thread: i32): void {
  const program = load<usize>(control, PROGRAM),
    phases = load<i32>(control, PHASES);
  const scratch = load<usize>(control + SCRATCH + ((<usize>thread) << 2));
  let base = load<i32>(control, BASE);
  for (let p = 0; p < phases; p++) {
    const phase = load<usize>(program + ((<usize>p) << 2));
    const end = base + load<i32>(phase, 4);
    for (;;) {
      const next = atomic.load<i32>(control, TAKEN);
      if (next - end >= 0) break;
      if (atomic.cmpxchg<i32>(control, next, next + 1, TAKEN) != next) continue;
      runChunk(phase, next - base, scratch);
      if (atomic.add<i32>(control, 1, DONE) + 1 == end) atomic.notify(control + DONE, -1);
    }
    let spins = 0;
    for (;;) {
      const done = atomic.load<i32>(control, DONE);
      if (done - end >= 0) break;
      if (atomic.load<i32>(control, FAILED)) return;
      if (++spins > SPINS) atomic.wait<i32>(control + DONE, done, 5000000);
    }
    base = end;
  }
}

/** Runs a program on this thread alone. */
export function runAlone(program: usize, phases: i32, scratch: usize): void {
  for (let p = 0; p < phases; p++) {
    const phase = load<usize>(program + ((<usize>p) << 2));
    const chunks = load<i32>(phase, 4);
    for (let i = 0; i < chunks; i++) runChunk(phase, i, scratch);
  }
}

/** Runs a program on this thread and those that wait in {@link help}. */
export function runTogether(control: usize, program: usize, phases: i32): void {
  store<usize>(control, program, PROGRAM);
  store<i32>(control, phases, PHASES);
  store<i32>(control, atomic.load<i32>(control, DONE), BASE);
  atomic.store<i32>(control, 1, OPEN);
  atomic.add<i32>(control, 1, SEQUENCE);
  atomic.notify(control + SEQUENCE, -1);
  work(control, 0);
  atomic.store<i32>(control, 0, OPEN);
  // A thread that is still inside reads the program: wait until it has seen the end.
  let spins = 0;
  for (;;) {
    const active = atomic.load<i32>(control, ACTIVE);
    if (active == 0 || atomic.load<i32>(control, FAILED)) return;
    if (++spins > SPINS) atomic.wait<i32>(control + ACTIVE, active, 5000000);
  }
}

/** The life of a helping thread: returns when told to stop. */
export function help(control: usize, thread: i32): void {
  let seen = 0;
  for (;;) {
    let spins = 0;
    while (atomic.load<i32>(control, SEQUENCE) == seen) if (++spins > SPINS) atomic.wait<i32>(control + SEQUENCE, seen, -1);
    atomic.add<i32>(control, 1, ACTIVE);
    seen = atomic.load<i32>(control, SEQUENCE);
    const stop = atomic.load<i32>(control, STOP) != 0;
    if (!stop && atomic.load<i32>(control, OPEN)) work(control, thread);
    if (atomic.sub<i32>(control, 1, ACTIVE) == 1) atomic.notify(control + ACTIVE, -1);
    if (stop) return;
  }
}
