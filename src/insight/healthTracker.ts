import { findingKey, type HealthFinding } from './health';

/** Looks in a row that must agree before a finding appears, and before it goes. */
const TO_APPEAR = 2;
const TO_GO = 3;

export interface TrackedFinding extends HealthFinding {
  /** Appeared since the person last looked. */
  isNew: boolean;
}

/** Keeps the list of findings calm while a run goes on: what shows up once and never again is noise, and nothing flickers. */
export class HealthTracker {
  private readonly known = new Map<string, { finding: HealthFinding; seen: number; missed: number; isShown: boolean; isNew: boolean }>();

  /** @param isFinal no further look will come soon, so everything found counts at once. */
  update(findings: readonly HealthFinding[], isFinal: boolean): void {
    const present = new Map(findings.map((f) => [findingKey(f), f]));
    for (const [key, entry] of this.known) {
      const finding = present.get(key);
      if (finding) Object.assign(entry, { finding, seen: entry.seen + 1, missed: 0 });
      else if (++entry.missed >= TO_GO || !entry.isShown || isFinal) this.known.delete(key);
    }
    for (const [key, finding] of present)
      if (!this.known.has(key)) this.known.set(key, { finding, seen: 1, missed: 0, isShown: false, isNew: true });
    for (const entry of this.known.values()) entry.isShown ||= isFinal || entry.seen >= TO_APPEAR;
  }

  /** Problems first, otherwise in the order in which they appeared. */
  get shown(): TrackedFinding[] {
    const shown = [...this.known.values()].filter((e) => e.isShown).map(({ finding, isNew }) => ({ ...finding, isNew }));
    return shown.sort((a, b) => Number(b.severity === 'problem') - Number(a.severity === 'problem'));
  }

  /** The person has seen what is shown. */
  acknowledge(): void {
    for (const entry of this.known.values()) if (entry.isShown) entry.isNew = false;
  }

  clear(): void {
    this.known.clear();
  }
}
