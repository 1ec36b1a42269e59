import type { FilterImplOptions } from 'liquidjs';

/** Money as WebKasa's events have it: a number of dollars. `{{ data.cost | money }}` → `$25.00`. */
const money = (value: unknown, currency: unknown = 'USD'): string => {
  const amount = typeof value === 'number' ? value : Number.NaN;
  if (!Number.isFinite(amount)) return '';
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: String(currency) }).format(amount);
};

/** One line of text: line breaks, control and direction characters become spaces, and runs of space one. */
const oneLine = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : String(value)
        .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
        .trim();

/** The filters every template has besides Liquid's own. */
export const filters: Readonly<Record<string, FilterImplOptions>> = { money, one_line: oneLine };
