import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import { compileEmail, createEmailEngines } from './email-compile.ts';
import type { Broken, EmailTemplate } from './library.ts';
import { type Mention, mentionsIn, rawProblems } from './mail-mentions.ts';
import type { Files } from './mjml-include.ts';
import { markLiquid, unmark } from './mjml-liquid.ts';

type LoadedMails = {
  templates: Map<string, EmailTemplate>;
  problems: Problem[];
  broken: Broken;
  mentions: Mention[];
};

/**
 * Reads and compiles the mail templates of a folder: each NAME.mjml (with front matter, see readFrontMatter) is one, with
 * a NAME.txt beside it if it is not to have a text part made of it; so is a NAME.html with a NAME.txt. Files whose names
 * begin with `_` are shared pieces: of MJML for `mj-include`, of HTML for `layout` and `render`. A template with a
 * problem is left out, the others are there all the same. Never rejects: an unreadable folder is a problem too.
 */
export const loadEmailTemplates = async (dir: string): Promise<LoadedMails> => {
  const templates = new Map<string, EmailTemplate>();
  const problems: Problem[] = [];
  let files: Files;
  try {
    files = await readFiles(dir);
  } catch (error) {
    const problem = { severity: 'error', file: dir, message: `can't be read: ${messageOf(error)}` } as const;
    return { templates, problems: [problem], broken: 'all', mentions: [] };
  }
  const broken = new Set<string>();
  const engines = createEmailEngines(files, await textPieces(files));
  for (const name of namesOf(files)) {
    if (`${name}.mjml` in files && `${name}.html` in files) problems.push(outdone(dir, name));
    const compiled = await compileEmail(name, files, engines);
    if ('template' in compiled) templates.set(name, compiled.template);
    else {
      broken.add(name);
      problems.push(...compiled.problems.map((problem) => inFolder(dir, problem)));
    }
  }
  problems.push(...rawProblems(files).map((problem) => inFolder(dir, problem)));
  const mentions = mentionsIn(files).map((mention) => ({ ...mention, file: join(dir, mention.file) }));
  return { templates, problems: unique(problems), broken, mentions };
};

const readFiles = async (dir: string): Promise<Record<string, string>> => {
  const names = (await readdir(dir)).filter((name) => /^[^.].*\.(mjml|html|txt)$/.test(name)).sort();
  const read = async (name: string) => {
    const text = tidy(await readFile(join(dir, name), 'utf8'));
    return [name, name.endsWith('.html') ? unindented(text) : text] as const;
  };
  return Object.fromEntries(await Promise.all(names.map(read)));
};

/** The same whatever editor wrote it. */
const tidy = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

/** Indentation means nothing in HTML, and would be sent with every mail. */
const unindented = (text: string): string => text.replace(/^[ \t]+/gm, '');

const namesOf = (files: Readonly<Record<string, string>>): string[] => {
  const names = Object.keys(files).filter((name) => !name.startsWith('_'));
  return [...new Set(names.map((name) => name.replace(/\.(mjml|html|txt)$/, '')))];
};

const outdone = (dir: string, name: string): Problem => ({
  severity: 'warning',
  file: join(dir, `${name}.html`),
  message: `is not used, since ${name}.mjml is beside it: remove one of them`,
});

/** What the text parts made of MJML have for the pieces of HTML in it: the piece's .txt, or text made of it too. */
const textPieces = async (files: Files): Promise<Files> => {
  const names = Object.keys(files);
  if (!names.some((name) => name.endsWith('.mjml'))) return {};
  const { textOfHtml } = await import('./email-text.ts');
  const text = (name: string): string => {
    const marked = markLiquid(files[name] ?? '');
    return files[name.replace(/html$/, 'txt')] ?? unmark(textOfHtml(marked.text), marked.tokens).text;
  };
  return Object.fromEntries(names.filter((name) => /^_.*\.html$/.test(name)).map((name) => [name, text(name)]));
};

const inFolder = (dir: string, problem: Problem): Problem => ({ ...problem, file: join(dir, problem.file) });

/** What is wrong in a shared piece shows up in each template that uses it: told once. */
const unique = (problems: readonly Problem[]): Problem[] => [
  ...new Map(
    problems.map((problem) => [`${problem.file}:${problem.line}:${problem.field}:${problem.message}`, problem]),
  ).values(),
];
