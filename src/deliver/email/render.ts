import { DeliveryError, messageOf } from '../../core/errors.ts';
import type { EmailTemplate, RenderedEmail } from '../../template/library.ts';
import type { View } from '../../template/view.ts';

/** The content of a mail; throws a permanent DeliveryError where there is no such template, or it fails. */
export const renderEmail = (template: EmailTemplate | undefined, name: string, view: View): RenderedEmail => {
  if (!template) {
    throw new DeliveryError(
      'unknown_template',
      `There is no usable mail template "${name}". Add or mend ${name}.mjml in the folder of the mail templates ` +
        '(`check` says what is wrong), or name another one in the rule, then retry.',
      { verdict: 'permanent' },
    );
  }
  try {
    return template.render(view);
  } catch (cause) {
    throw new DeliveryError(
      'template_failed',
      `The mail template "${name}" failed: ${messageOf(cause)}. Mend it, then retry.`,
      { verdict: 'permanent', cause },
    );
  }
};
