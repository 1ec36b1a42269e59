import type { Resource } from '../core/resource.ts';

/** A resource as any store's database has it: `data` is JSON still. */
export type ResourceRow = Omit<Resource, 'data'> & { readonly data: string };

export const toResource = (row: ResourceRow): Resource => ({ ...row, data: JSON.parse(row.data) });

/** The same for a row that names its number too. */
export const withoutSeq = ({ seq: _, ...row }: ResourceRow & { readonly seq: number }): Resource => toResource(row);
