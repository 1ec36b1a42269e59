import type { Problem } from '../core/problem.ts';
import { KNOWN_TYPES } from '../core/webhook.ts';
import type { Mention } from '../template/mail-mentions.ts';
import { registrationPaths, unknownPath, variablePaths } from './known-fields.ts';

const BRAND = ['name', 'logo', 'color', 'footer'].map((part) => `settings.brand.${part}`);

/** Warns of fields in mail templates that no webhook has, of whatever type: one template may serve several. */
export const templateWarnings = (mentions: readonly Mention[]): Problem[] => {
  const known = [...variablePaths(KNOWN_TYPES), ...registrationPaths(), ...BRAND];
  return mentions.flatMap(({ path, file, line }) => {
    const message = unknownPath(path, known, '');
    return message === undefined ? [] : [{ severity: 'warning', file, line, message }];
  });
};
