import type { KnownBlock } from '@slack/web-api';
import type { Problem } from '../core/problem.ts';
import type { Mention } from './mail-mentions.ts';
import type { View } from './view.ts';

export type RenderedEmail = { readonly subject: string; readonly html: string; readonly text: string };
/** `link`: where to read on, an http(s) address; its text ends with the address's host. */
export type RenderedSlack = {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly link?: SlackLink;
};
export type SlackLink = { readonly text: string; readonly url: string };

/** A template compiled once; rendering throws only where the template itself is at fault, never for odd data. */
export type EmailTemplate = { readonly name: string; render(view: View): RenderedEmail };
export type SlackTemplate = { readonly name: string; render(view: View): RenderedSlack };

export type Broken = ReadonlySet<string> | 'all';

/** All templates of TEMPLATES_DIR, and what is wrong with those that could not be compiled. */
export type TemplateLibrary = {
  readonly email: ReadonlyMap<string, EmailTemplate>;
  readonly slack: ReadonlyMap<string, SlackTemplate>;
  readonly problems: readonly Problem[];
  /** Those of them, by name; `all` where the folder could not be read. */
  readonly broken: Readonly<Record<'email' | 'slack', Broken>>;
  /** The fields that mail templates name, and where. */
  readonly mentions: readonly Mention[];
};
