import type { Act } from '../core/actor.ts';

/** An action somebody took: who, when, and its outcome in words. */
export type ActStory = Omit<Act, 'at'> & { readonly at: Date };

export const tellAct = ({ at, ...act }: Act): ActStory => ({ ...act, at: new Date(at) });
