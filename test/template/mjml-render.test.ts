import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RendererLost, renderMjml } from '../../src/template/mjml-render.ts';

const A_MAIL =
  '<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>';

/** The processes that this one started (proc(5)). */
const children = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

describe('the process that reads MJML', () => {
  test('gives HTML, text and complaints, and goes when there is nothing to do', async () => {
    const before = children();
    const rendered = await renderMjml(A_MAIL);
    expect(rendered.html).toContain('Hello');
    expect(rendered).toMatchObject({ text: 'Hello', complaints: [] });
    expect((await renderMjml(A_MAIL.replace('mj-text', 'mj-tekst'))).complaints).not.toEqual([]);
    await expect.poll(children, { timeout: 20_000 }).toEqual(before);
  });

  test('is told of no secret', async () => {
    const before = children();
    const rendering = renderMjml(A_MAIL);
    const [pid] = children().filter((child) => !before.includes(child));
    const known = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    // How the two talk to each other.
    for (const variable of known) expect(variable).toMatch(/^NODE_CHANNEL_/);
    await rendering;
  });

  test('that is killed is no fault of the template, and the next one starts another', async () => {
    await expect.poll(children, { timeout: 20_000 }).toEqual([]);
    const rendering = renderMjml(A_MAIL);
    const [pid] = children();
    process.kill(pid ?? Number.NaN, 'SIGKILL');
    await expect(rendering).rejects.toEqual(new RendererLost('its process ended (SIGKILL)'));
    await expect(renderMjml(A_MAIL)).resolves.toMatchObject({ text: 'Hello' });
  });
});
