import type { Act } from '../core/actor.ts';

/** What somebody had done: who, when and what came of it. */
export type ActStory = Omit<Act, 'at'> & { readonly at: Date };

export const tellAct = ({ at, ...act }: Act): ActStory => ({ ...act, at: new Date(at) });
