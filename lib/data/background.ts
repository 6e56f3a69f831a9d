/** Work beside other work. */

/** Has one piece of work go on at a time, while its owner goes on, too. */
export class Background {
  #work = Promise.resolve();

  /** Has a piece of work begin once the one before has ended, and waits until then. @throws what that one failed with. */
  begin(work: () => Promise<void>): Promise<void> {
    const before = this.#work;
    this.#work = before.then(work);
    this.#work.catch(() => {}); // whoever waits for it is told
    return before;
  }

  /** Waits until the last piece of work has ended. @throws what it failed with. */
  async end(): Promise<void> {
    await this.#work;
  }
}
