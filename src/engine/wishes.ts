/** What others asked of a run and get in one of its next turns. */
export class Wishes<Asked, Given> {
  private waiting: { asked: Asked; resolve(given: Given): void; reject(error: Error): void }[] = [];

  get count(): number {
    return this.waiting.length;
  }

  get all(): Asked[] {
    return this.waiting.map((w) => w.asked);
  }

  add(asked: Asked): Promise<Given> {
    return new Promise((resolve, reject) => this.waiting.push({ asked, resolve, reject }));
  }

  /** Fulfils the oldest `count` wishes; later ones wait on. */
  grant(give: (asked: Asked) => Given, count = this.count): void {
    for (const wish of this.waiting.splice(0, count)) wish.resolve(give(wish.asked));
  }

  refuse(error: Error): void {
    for (const wish of this.waiting.splice(0)) wish.reject(error);
  }
}
