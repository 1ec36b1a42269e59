import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Liquid, Template } from 'liquidjs';
import { expect, test } from 'vitest';
import { createLiquid, html } from '../../src/template/engine.ts';
import { quicken } from '../../src/template/quick-render.ts';

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
  'a and not b',
  'a.b == b or not a == nil and c',
];

const PIECES = {
  piece: '[{{ x }}{% if y %}{{ y.b | upcase }}{% endif %}]',
  frame: '<{% block one %}{{ a }}{% endblock %}|{% block two %}{% render "piece", x: b %}{% endblock %}>',
};

const source = [
  ...EXPRESSIONS.map((expression) => `{{ ${expression} }}`),
  ...CONDITIONS.map((condition) => `{% if ${condition} %}yes{% elsif b == a %}b{% else %}no{% endif %}`),
  '{% assign z = a.b | default: "none" %}{{ z }}{% capture k %}{{ a.b }}{% endcapture %}{{ k | raw }}',
  "{% for item in a %}{{ item.b }}{{ forloop.index }}{% endfor %}{% render 'piece', x: a.b, y: a %}",
  '{% case a.b %}{% when 1 %}one{% when "x" %}x{% else %}other{% endcase %}{% unless a %}no{% endunless %}',
  "{% layout 'frame' %}{% block one %}{{ a.b }}{% endblock %}",
  "{% assign a = b %}{% layout 'frame' %}{% block two %}{{ block.super }}{% if a %}{{ a }}{% endif %}{% endblock %}",
  "{% render 'piece' for a as x %}{% render 'piece' with b as y, x: 'z' %}{% include 'piece', x: a %}",
  '{% for x in a %}{% if x == b %}{% break %}{% elsif x.b %}{% continue %}{% endif %}{{ x }}{% endfor %}',
  '{{ a | raw }}{{ b | raw | upcase }}{% assign k = a | join: b | split: "," %}{{ k | raw }}{{ k | size }}',
  "{% if a %}{% render 'no such piece' %}{% endif %}{{ b | date: a }}",
  '{% comment %}{{ a }}{% endcomment %}{% raw %}{{ a }}{% endraw %}{% echo a %}{% increment a %}{% cycle a, b %}',
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
  quicken(quick, fast);
  const write = (engine: Liquid, parsed: Template[], data: object): string =>
    engine.renderSync(parsed, data, { globals: data });
  const outcome = (render: () => string): string => {
    try {
      return render();
    } catch (error) {
      return String(error);
    }
  };
  // Each with data of its own, for `increment` counts in it.
  return (data: object) => ({
    stock: outcome(() => write(stock, slow, structuredClone(data))),
    quick: outcome(() => write(quick, fast, structuredClone(data))),
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

const expression = fc
  .tuple(
    fc.constantFrom('a', 'b', 'c', 'a.b', 'c.size', 'b[0]', '"x"', '1', 'nil', 'forloop.last'),
    fc.subarray(['upcase', 'one_line', 'default: b', 'append: a.b', 'raw', 'first', 'sort', 'join: ","']),
  )
  .map((parts) => parts.flat().join(' | '));

const template = fc.letrec<{ list: string; node: string }>((tie) => ({
  list: fc.array(tie('node'), { maxLength: 3 }).map((nodes) => nodes.join('')),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('text ', ' <b>\n', "{% render 'piece', x: a %}", '{% comment %}c{% endcomment %}', '{% break %}'),
    expression.map((value) => `{{- ${value} }}`),
    fc.tuple(fc.constantFrom('a', 'd'), expression).map(([name, value]) => `{% assign ${name} = ${value} -%}`),
    fc
      .tuple(fc.constantFrom('if', 'unless'), expression, tie('list'), expression, tie('list'), tie('list'))
      .map(
        ([tag, one, yes, other, or, no]) =>
          `{% ${tag} ${one} %}${yes}{% elsif ${other} %}${or}{% else %}${no}{% end${tag} %}`,
      ),
    tie('list').map((inner) => `{% capture c %}${inner}{% endcapture %}`),
    tie('list').map((inner) => `{% for b in a %}${inner}{% endfor %}`),
    fc
      .tuple(expression, tie('list'))
      .map(([value, inner]) => `{% case a %}{% when b %}${inner}{% endcase %}{{ ${value} }}`),
  ),
})).list;

test('says the same in whatever is put together from tags and expressions', () => {
  fc.assert(
    fc.property(template, fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }), (written, data) => {
      const { stock, quick } = renderers(written, PIECES)(data);
      expect(quick).toBe(stock);
    }),
    { numRuns: 500 },
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
