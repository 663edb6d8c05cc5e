// Owns the order in which tests run: those that tell most in the least time first, what is slow behind it (`.slow.test.ts`),
// and projects of a later group behind both. Says where a stage ends, what took longest in it, and what comes next.

import { relative } from "node:path";
import { BaseSequencer, type Reporter, type TestModule, type TestProject, type TestSpecification } from "vitest/node";

interface File {
  readonly project: TestProject;
  readonly moduleId: string;
}

interface Stage {
  readonly place: number;
  readonly name: string;
  readonly files: number;
  readonly done: TestModule[];
}

const LONGEST = 3;

const isSlow = ({ moduleId }: File): boolean => moduleId.endsWith(".slow.test.ts");

/** The place of a file's stage among the stages. */
const placeOf = (file: File): number => 2 * file.project.config.sequence.groupOrder + Number(isSlow(file));

export class SlowLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

export default class StageReporter implements Reporter {
  private stages: Stage[] = [];
  private readonly begun = performance.now();

  onTestRunStart(files: readonly TestSpecification[]): void {
    const byPlace = [...Map.groupBy(files, placeOf)].sort(([a], [b]) => a - b);
    this.stages = byPlace.map(([place, all]) => ({ place, name: nameOf(all), files: all.length, done: [] }));
  }

  onTestModuleEnd(module: TestModule): void {
    const stage = this.stages.find(({ place }) => place === placeOf(module));
    if (stage === undefined) throw new Error(`${module.moduleId} has run, but was not among what was to run`);
    stage.done.push(module);
    const rest = this.stages.filter(isOpen);
    if (isOpen(stage) || rest.length === 0) return;
    const seconds = Math.round((performance.now() - this.begun) / 1000);
    const next = rest.map(({ name, files, done }) => `${name} (${files - done.length} of ${files} files)`);
    process.stdout.write(`
 ${stage.name}: ${testsOf(stage)} tests are done after ${seconds} s. Next: ${next.join("; ")}
 Longest: ${longestOf(stage).join(", ")}

`);
  }
}

/** @param files of one stage, at least one */
function nameOf(files: readonly File[]): string {
  const projects = [...new Set(files.map(({ project }) => project.name))].sort().join(" and ");
  return files.some(isSlow) ? `${projects}, slow` : projects;
}

const isOpen = ({ files, done }: Stage): boolean => done.length < files;

const testsOf = ({ done }: Stage): number =>
  done.reduce((sum, { children }) => sum + [...children.allTests()].length, 0);

function longestOf({ done }: Stage): string[] {
  const longestFirst = done.toSorted((a, b) => b.diagnostic().duration - a.diagnostic().duration);
  return longestFirst.slice(0, LONGEST).map((module) => {
    const path = relative(module.project.config.root, module.moduleId);
    return `${path} ${Math.round(module.diagnostic().duration / 1000)} s`;
  });
}
