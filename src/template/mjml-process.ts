/*
 * The process that turns MJML into HTML and text; started by mjml-render.ts, and one of the few modules that act on import.
 */
import mjml2html from 'mjml';
import { messageOf } from '../core/errors.ts';
import { textOfHtml } from './email-text.ts';
import type { MjmlAnswer, MjmlCall, RenderedMjml } from './mjml-render.ts';

const render = async (source: string): Promise<RenderedMjml> => {
  // Soft, since strict throws for a colour that Liquid gives; whoever asks takes every other complaint for an error.
  const { html, errors } = await mjml2html(source, {
    validationLevel: 'soft',
    ignoreIncludes: true,
    // Reading a mail asks no one else for letters.
    fonts: {},
    keepComments: false,
  });
  const small = tight(html);
  return { html: small, text: textOfHtml(small), complaints: errors.map(({ line, message }) => ({ line, message })) };
};

/** Indentation means nothing in HTML, and would be sent with every mail. */
const tight = (html: string): string =>
  html
    .replace(/^[ \t]+/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();

/** Whoever asked was killed meanwhile: nobody waits for an answer, and nothing is wrong here. */
const endOnFailure = (error: Error | null): void => {
  if (error) process.exit();
};

process.on('message', async ({ call, source }: MjmlCall) => {
  const answer = (told: MjmlAnswer): void => void process.send?.(told, undefined, undefined, endOnFailure);
  try {
    answer({ call, rendered: await render(source) });
  } catch (error) {
    answer({ call, failed: messageOf(error) });
  }
});
