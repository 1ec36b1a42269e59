import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import type { ActionKind } from '../core/rule.ts';
import { withBrand } from '../template/brand.ts';
import type { TemplateLibrary } from '../template/library.ts';
import type { Brand, ViewSettings } from '../template/view.ts';
import { checkShape, type ShapedRule } from './check-shape.ts';
import { type CompiledRule, compileRule } from './compile.ts';
import { dryRun } from './dry-run.ts';
import { type Fault, pathText, under } from './fault.ts';
import { createFieldCompiler, type FieldCompiler } from './fields.ts';
import { parseRulesYaml, type RulesYaml } from './rules-yaml.ts';
import { BrandSchema } from './schema.ts';
import { templateWarnings } from './template-fields.ts';

export { ensureRulesFile } from './rules-file.ts';

/** Valid rules, with the templates they were checked against. */
export type Rulebook = {
  readonly rules: readonly CompiledRule[];
  readonly templates: TemplateLibrary;
  /** The branding that mails share; the templates have it compiled in. */
  readonly brand: Brand | undefined;
  /** Differs where the text of the rules file differs. */
  readonly version: string;
  /** The kinds of action the rules use. */
  readonly neededChannels: ReadonlySet<ActionKind>;
};

export type RulebookOptions = {
  readonly rulesFile: string;
  readonly templates: TemplateLibrary;
  readonly settings: ViewSettings;
  readonly slackChannel: string;
  /** Kinds of action (and Google Sheets) that are not configured, each with what to set; rules that use one are errors. */
  readonly missingChannels?: ReadonlyMap<ActionKind | 'google', string>;
};

export type LoadedRulebook = {
  /** undefined where any problem is an error. */
  readonly rulebook?: Rulebook;
  /** In the order of the lines, those of the templates first. */
  readonly problems: readonly Problem[];
};

/**
 * Reads the rules file and checks everything that can be checked without a real webhook: YAML, shape, conditions,
 * Liquid, templates, and a dry run on the samples. Names all problems at once; never rejects.
 */
export const loadRulebook = async (options: RulebookOptions): Promise<LoadedRulebook> => {
  const { rulesFile: file, templates } = options;
  const ofTemplates = [...templates.problems, ...templateWarnings(templates.mentions)];
  const fail = (problems: readonly Problem[]): LoadedRulebook => ({ problems: [...ofTemplates, ...problems] });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return fail([{ severity: 'error', file, message: unreadable(error) }]);
  }
  const parsed = parseRulesYaml(text);
  if ('problems' in parsed) return fail(parsed.problems.map((problem) => yamlProblem(file, problem)));
  const brand = brandOf(parsed.yaml);
  const branded = withBrand(templates, brand);
  const { rules, faults } = checkRules(parsed.yaml, { ...options, templates: branded });
  const problems = [...ofTemplates, ...problemsOf(faults, parsed.yaml, file)];
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  const neededChannels = new Set(rules.flatMap(({ actions }) => actions.map(({ kind }) => kind)));
  return {
    rulebook: {
      rules,
      templates: branded,
      brand,
      version: hash('sha256', text, 'hex').slice(0, 12),
      neededChannels,
    },
    problems,
  };
};

/** undefined if there is none, or if its shape is wrong, which the check of the whole file reports. */
const brandOf = ({ value }: RulesYaml): Brand | undefined => {
  const written: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'brand') : undefined;
  return BrandSchema.safeParse(written).data;
};

const unreadable = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'is not there; put it back, or name another file in RULES_FILE (templates/rules.yaml is a good start)'
    : `can't be read: ${messageOf(error)}`;

const yamlProblem = (file: string, { line, message }: { line: number | undefined; message: string }): Problem => ({
  severity: 'error',
  file,
  ...(line !== undefined && { line }),
  message,
});

type Checked = { readonly rules: readonly CompiledRule[]; readonly faults: readonly Fault[] };

const checkRules = (yaml: RulesYaml, options: RulebookOptions): Checked => {
  const shape = checkShape(yaml.value);
  const compiler = createFieldCompiler();
  const checked = shape.rules.map((shaped) => checkRule(shaped, compiler, options));
  return {
    rules: checked.flatMap(({ rules }) => rules),
    faults: [...shape.faults, ...checked.flatMap(({ faults }) => faults)],
  };
};

const checkRule = ({ index, rule }: ShapedRule, compiler: FieldCompiler, options: RulebookOptions): Checked => {
  const at = ['rules', index];
  const missing = rule.actions.flatMap((action, index): Fault[] => {
    const remedy = options.missingChannels?.get(action.kind);
    const path = ['actions', index, action.kind];
    if (remedy !== undefined) return [{ path, message: `${action.kind} is not configured: ${remedy}` }];
    const google = options.missingChannels?.get('google');
    if (google === undefined || action.kind !== 'sheet' || action.sheet.google === undefined) return [];
    return [{ path: [...path, 'google'], message: `Google Sheets is not configured: ${google}` }];
  });
  const outcome = compileRule(rule, compiler);
  if ('faults' in outcome) return { rules: [], faults: under(at, [...missing, ...outcome.faults]) };
  const { templates, settings, slackChannel } = options;
  const tried = dryRun(outcome.compiled, { templates, settings, defaults: { slackChannel } });
  return { rules: [outcome.compiled], faults: under(at, [...missing, ...tried]) };
};

const problemsOf = (faults: readonly Fault[], yaml: RulesYaml, file: string): Problem[] =>
  faults
    .map((fault): Problem & { line: number } => {
      const [first, index, ...inner] = fault.path;
      const rule = first === 'rules' && typeof index === 'number' ? ruleName(yaml.value, index) : undefined;
      const field = pathText(rule === undefined ? fault.path : inner);
      return {
        severity: fault.severity ?? 'error',
        file,
        line: yaml.line(fault.path),
        ...(rule !== undefined && { rule }),
        ...(field !== '' && { field }),
        message: fault.message,
      };
    })
    .sort((one, other) => one.line - other.line);

/** Its id, or its place where it has none. */
const ruleName = (file: unknown, index: number): string => {
  const rules = (file as { rules?: unknown }).rules;
  const rule: unknown = Array.isArray(rules) ? rules[index] : undefined;
  const id: unknown = typeof rule === 'object' && rule !== null ? Reflect.get(rule, 'id') : undefined;
  return typeof id === 'string' && id !== '' ? id : `rule ${index + 1}`;
};
