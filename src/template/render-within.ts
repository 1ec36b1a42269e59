import { Context, type Liquid, type Template } from 'liquidjs';
import type { Meter } from './allowance.ts';

/** What liquidjs hands its scopes around in, with a meter that sees each step, and how deep it is. */
export class MeteredContext extends Context {
  readonly meter: Meter;
  #depth: number;

  constructor(scope: object, engine: Liquid, meter: Meter, depth = 0, globals?: object) {
    // liquidjs only ever calls `use` and `check` of its limiters, whose fields it keeps to itself.
    const limiters = { memoryLimit: meter, renderLimit: meter, liquid: engine } as unknown;
    super(scope, engine.options, { sync: true, ...(globals && { globals }) }, limiters as ContextLimits);
    this.meter = meter;
    this.#depth = depth;
  }

  // Loops, `include`, layouts and filters with an expression come here, for each round.
  override push(scope: object): number {
    this.#depth += 1;
    this.meter.enter(this.#depth);
    return super.push(scope);
  }

  override pop(): ReturnType<Context['pop']> {
    this.#depth -= 1;
    return super.pop();
  }

  // `render` comes here.
  override spawn(scope: object = {}): Context {
    this.meter.enter(this.#depth + 1);
    return new MeteredContext(scope, this.liquid as Liquid, this.meter, this.#depth + 1, this.globals);
  }
}

type ContextLimits = NonNullable<ConstructorParameters<typeof Context>[3]>;

/** Renders parsed templates; throws an error whose cause is a TemplateTooCostly where the meter runs out. */
export const renderWithin = (
  engine: Liquid,
  parsed: Template[],
  scope: object,
  meter: Meter,
  globals?: object,
): string => String(engine.renderSync(parsed, new MeteredContext(scope, engine, meter, 0, globals)));
