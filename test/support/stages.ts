// Owns the order in which tests run: those that tell most in the least time first, what is slow behind it (`.slow.test.ts`),
// and the other projects by their order. Says where a stage ends, and what comes next.

import { BaseSequencer, type Reporter, type TestModule, type TestProject, type TestSpecification } from "vitest/node";

interface File {
  readonly project: TestProject;
  readonly moduleId: string;
}

const isSlow = ({ moduleId }: File): boolean => moduleId.endsWith(".slow.test.ts");

const stageOf = (file: File): string => (isSlow(file) ? `${file.project.name}, slow` : file.project.name);

const placeOf = (file: File): number => 2 * file.project.config.sequence.groupOrder + Number(isSlow(file));

export class SlowLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

export default class StageReporter implements Reporter {
  private stages: { readonly name: string; readonly files: number; left: number; tests: number }[] = [];
  private readonly begun = performance.now();

  onTestRunStart(files: readonly TestSpecification[]): void {
    const byStage = Map.groupBy(
      files.toSorted((a, b) => placeOf(a) - placeOf(b)),
      stageOf,
    );
    this.stages = [...byStage].map(([name, { length }]) => ({ name, files: length, left: length, tests: 0 }));
  }

  onTestModuleEnd(module: TestModule): void {
    const stage = this.stages.find(({ name }) => name === stageOf(module));
    if (stage === undefined) throw new Error(`${module.moduleId} has run, but was not among what was to run`);
    stage.left -= 1;
    stage.tests += [...module.children.allTests()].length;
    const rest = this.stages.filter(({ left }) => left > 0);
    if (stage.left > 0 || rest.length === 0) return;
    const next = rest.map(({ name, left, files }) => `${name} (${left} of ${files} files)`);
    const seconds = Math.round((performance.now() - this.begun) / 1000);
    process.stdout.write(
      `\n ${stage.name}: ${stage.tests} tests are done after ${seconds} s. Next: ${next.join("; ")}\n\n`,
    );
  }
}
