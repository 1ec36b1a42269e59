import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLiquid, html } from '../../src/template/engine.ts';
import { quickenValues } from '../../src/template/quick-values.ts';

const EXPRESSIONS = [
  'a',
  'a.b',
  'a.b.c | one_line | shorten: 3',
  'a["b"]',
  "a['b'].size",
  'a[0]',
  'a.first',
  'a[b]',
  'a.b | default: b, allow_false: true',
  'a | plus: b',
  '(1..3) | join: b',
  '"text" | append: a',
  '1.5',
  'nil',
  'true',
  'missing.deep.er',
];
const CONDITIONS = [
  ...EXPRESSIONS,
  'a == b',
  'a.b != "x"',
  'a == empty',
  'a == blank',
  'a == nil',
  'a > 1',
  'a contains "x"',
  'not a',
  'a and b',
  'a == 1 or b == 2 and c',
];

const PIECES = {
  piece: '[{{ x }}{% if y %}{{ y.b | upcase }}{% endif %}]',
  frame: '<{% block one %}{{ a }}{% endblock %}>',
};

const source = [
  ...EXPRESSIONS.map((expression) => `{{ ${expression} }}`),
  ...CONDITIONS.map((condition) => `{% if ${condition} %}yes{% elsif b == a %}b{% else %}no{% endif %}`),
  '{% assign z = a.b | default: "none" %}{{ z }}{% capture k %}{{ a.b }}{% endcapture %}{{ k | raw }}',
  "{% for item in a %}{{ item.b }}{{ forloop.index }}{% endfor %}{% render 'piece', x: a.b, y: a %}",
  '{% case a.b %}{% when 1 %}one{% when "x" %}x{% else %}other{% endcase %}{% unless a %}no{% endunless %}',
  "{% layout 'frame' %}{% block one %}{{ a.b }}{% endblock %}",
];

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({ b: fc.oneof(fc.constant('x'), fc.jsonValue({ maxDepth: 1 })) }),
  fc.array(fc.record({ b: fc.string() }), { maxLength: 3 }),
);

const renderers = (template: string, files: Record<string, string>) => {
  const stock = createLiquid({ escape: html, files });
  const quick = createLiquid({ escape: html, files });
  const slow = stock.parse(template);
  const fast = quick.parse(template);
  quickenValues(quick, fast);
  const outcome = (render: () => string): string => {
    try {
      return render();
    } catch (error) {
      return String(error);
    }
  };
  return (data: object) => ({
    stock: outcome(() => stock.renderSync(slow, data, { globals: data })),
    quick: outcome(() => quick.renderSync(fast, data, { globals: data })),
  });
};

test.each(source)('says the same as liquidjs does by itself: %s', (template) => {
  const render = renderers(template, PIECES);
  fc.assert(
    fc.property(fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }), (data) => {
      const { stock, quick } = render(data);
      expect(quick).toBe(stock);
    }),
  );
});

test('says the same in each shipped mail, with all its pieces', () => {
  const dir = join(import.meta.dirname, '../../templates/email');
  const files = Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
  const when = fc.option(fc.record({ date: fc.string(), time: fc.string(), zone: fc.string(), text: fc.string() }));
  const fields = ['id', 'title', 'status', 'attendee_name', 'location', 'notes', 'cost', 'guest_count'];
  const data = fc.dictionary(fc.constantFrom(...fields), fc.oneof(fc.constant('CONFIRMED'), fc.jsonValue()));
  const view = fc.record({
    data,
    event: fc.option(data),
    when,
    moved_from: when,
    subject: fc.string(),
    id: fc.string(),
  });
  for (const name of Object.keys(files).filter((file) => !file.startsWith('_'))) {
    const render = renderers(files[name] ?? '', files);
    const same = (scope: object) => {
      const { stock, quick } = render(scope);
      expect(quick).toBe(stock);
    };
    fc.assert(fc.property(view, same), { numRuns: 20 });
  }
});
