/** What can go wrong with a call, as the screen has to tell it: refused with a reason, or nobody there. */
import type { Problem } from './protocol'

/** The desk answered and said no; `code` is stable, `detail` is fit to show. */
export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'Refused'
    this.problem = problem
  }
  get code(): string {
    return this.problem.code
  }
  get status(): number {
    return this.problem.status
  }
}

/** Nobody answered: no line, or no answer in time. */
export class Unreachable extends Error {
  constructor() {
    super('unreachable')
    this.name = 'Unreachable'
  }
}
