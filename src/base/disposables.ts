// Owns a stack of what is to be given back in the end, as the language's DisposableStack, which Node 22 does not have.

export class Disposables implements Disposable {
  private readonly actions: (() => void)[] = [];

  /** Has it given back, too. @returns it */
  use<T extends Disposable>(value: T): T {
    this.defer(() => value[Symbol.dispose]());
    return value;
  }

  /** Has this done, before what was to be done until now. */
  defer(action: () => void): void {
    this.actions.push(action);
  }

  /** @returns one that has everything of this one, which then has nothing */
  move(): Disposables {
    const moved = new Disposables();
    moved.actions.push(...this.actions.splice(0));
    return moved;
  }

  dispose(): void {
    for (const action of this.actions.splice(0).reverse()) action();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
