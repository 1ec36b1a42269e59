import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { describeProblem } from '../core/problem.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { html } from '../template/engine.ts';
import type { EmailTemplate } from '../template/library.ts';
import { command } from './command.ts';
import { print } from './context.ts';
import { previewViews } from './preview-views.ts';

type Page = { readonly template: string; readonly data: string; readonly subject: string; readonly file: string };

export const preview = command({
  name: 'preview',
  summary: 'write every mail as it would look, with sample data',
  args: '',
  count: [0, 0],
  options: { out: { type: 'string', value: 'FOLDER', help: 'where to, in place of DATA_DIR/preview' } },
  json: true,
  more: [
    'Writes each mail template as HTML and text, with ordinary data and with what hostile people type, and an index.html with links to all of them. Opens nothing and sends nothing. Exits with 1 where a template is wrong or fails.',
  ],
  examples: ['preview', 'preview --out /tmp/mails'],
  run: async ({ values }, context) => {
    const { pathsOf } = await import('../app.ts');
    const config = context.config();
    const folder = resolve(values.out ?? join(pathsOf(config).data, 'preview'));
    const { templates, problems } = await mails(config);
    await makeFolder(folder);
    const pages: Page[] = [];
    const failures = problems.filter(({ severity }) => severity === 'error').map(describeProblem);
    for (const template of templates) {
      for (const { name: data, view } of previewViews(template.name, config, context.now())) {
        const file = `${template.name}.${data}`;
        try {
          const mail = template.render(view);
          await writeFile(join(folder, `${file}.html`), mail.html);
          await writeFile(join(folder, `${file}.txt`), `${mail.subject}\n\n${mail.text}`);
          pages.push({ template: template.name, data, subject: mail.subject, file });
        } catch (error) {
          failures.push(`${template.name} fails on ${data} data: ${String(error).split('\n')[0]}`);
        }
      }
    }
    const index = join(folder, 'index.html');
    await writeFile(index, indexOf(pages, failures));
    const answer = { index, templates: templates.length, pages: pages.length, problems: failures };
    print(context, answer, () =>
      [
        ...failures.map((failure) => `  ${failure}\n`),
        `${templates.length} templates, ${pages.length} mails. Open ${shortest(index)}\n`,
      ].join(''),
    );
    return failures.length === 0 ? 0 : 1;
  },
});

/** The mail templates, with the brand of the rules; without a brand if the rules can't be used. */
const mails = async (config: Config) => {
  const { loadRules, pathsOf, withStarterRules } = await import('../app.ts');
  const { config: checked } = await withStarterRules(config);
  const { rulebook } = await loadRules(checked);
  const { loadTemplates } = await import('../template/load.ts');
  const library = rulebook?.templates ?? (await loadTemplates(pathsOf(checked).templates));
  return {
    templates: [...library.email.values()].sort((one, other) => one.name.localeCompare(other.name)) as EmailTemplate[],
    problems: library.problems,
  };
};

const shortest = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
};

const indexOf = (pages: readonly Page[], failures: readonly string[]): string => {
  const row = ({ template, data, subject, file }: Page): string =>
    `<tr><td>${html(template)}</td><td><a href="${encodeURI(file)}.html">${html(data)}</a></td>` +
    `<td><a href="${encodeURI(file)}.txt">text</a></td><td>${html(subject)}</td></tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mails</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}</style>
</head>
<body>
<h1>Mails</h1>
${failures.map((failure) => `<p>${html(failure)}</p>\n`).join('')}<table>
${pages.map(row).join('\n')}
</table>
</body>
</html>
`;
};
