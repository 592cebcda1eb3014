/** Thrown when a program takes more steps or memory than a reader may spend on it. */
export class BudgetExceeded extends Error {
  constructor() {
    super('the program takes too many steps to be followed');
    this.name = 'BudgetExceeded';
  }
}

/** List items (or eight characters each) that one reading may make. */
const MAX_ITEMS = 2_000_000;
let made = 0;

/**
 * Counts what the reading in progress has made: a few steps can double a list until memory is gone. Readings don't overlap, since
 * following a program never waits; so one counter serves all. @throws BudgetExceeded
 */
export function countItems(count: number): void {
  made += count;
  if (made > MAX_ITEMS) throw new BudgetExceeded();
}

/** Begins a reading, or grants it as much again. */
export function resetItems(): void {
  made = 0;
}
