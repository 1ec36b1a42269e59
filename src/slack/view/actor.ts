import type { Actor } from '../../core/actor.ts';
import { said } from './words.ts';

/** Who had something done. By name, not as a mention: nobody is to be notified by a list. */
export const actorName = ({ id, name, via }: Actor): string =>
  `${said(name) || said(id) || 'somebody'}${via === 'slack' ? '' : ` (${via})`}`;
