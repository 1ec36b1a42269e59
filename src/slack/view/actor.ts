import type { Actor } from '../../core/actor.ts';
import { said } from './words.ts';

/** The name of whoever did something. Never a mention: a list must not notify anybody. */
export const actorName = ({ id, name, via }: Actor): string =>
  `${said(name) || said(id) || 'somebody'}${via === 'slack' ? '' : ` (${via})`}`;
