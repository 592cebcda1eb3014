/** What was made of texts, kept while the texts together stay within a size; those that were asked for last stay longest. */
export class RecentTexts<T> {
  private readonly entries = new Map<string, T>();
  private size = 0;

  /** @param limit characters of all texts together */
  constructor(private readonly limit: number) {}

  get(text: string): T | undefined {
    const found = this.entries.get(text);
    if (found === undefined) return undefined;
    // The order of a map is that of insertion.
    this.entries.delete(text);
    this.entries.set(text, found);
    return found;
  }

  set(text: string, value: T): void {
    if (this.entries.delete(text)) this.size -= text.length;
    this.entries.set(text, value);
    this.size += text.length;
    for (const [oldest] of this.entries) {
      if (this.size <= this.limit || this.entries.size === 1) break;
      this.entries.delete(oldest);
      this.size -= oldest.length;
    }
  }
}
