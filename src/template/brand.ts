import type { EmailTemplate, TemplateLibrary } from './library.ts';
import type { Brand, View } from './view.ts';

/** The same templates, whose mails see the brand as `settings.brand`; what a view says of one already comes first. */
export const withBrand = (library: TemplateLibrary, brand: Brand | undefined): TemplateLibrary =>
  brand === undefined
    ? library
    : { ...library, email: new Map([...library.email].map(([name, template]) => [name, branded(template, brand)])) };

const branded = (template: EmailTemplate, brand: Brand): EmailTemplate => ({
  name: template.name,
  render: (view) => template.render(seeing(view, brand)),
});

const seeing = (view: View, brand: Brand): View => ({ ...view, settings: { brand, ...view.settings } });
