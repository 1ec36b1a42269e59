/** Every kind of action, told in every way that keeps something: messages, cards, rows, rows that are kept up to date. */
export const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-confirmed } }]
  - id: mail-registration
    on: ["registration.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: registration-created } }]
  - id: post
    on: ["booking.*"]
    when: { data.post: { $exists: true } }
    actions: [{ slack: { channel: "#c{{ data.post }}", template: booking, as: plain } }]
  - id: card
    on: ["booking.*"]
    when: { data.card: { $exists: true } }
    actions: [{ slack: { channel: "#d{{ data.card }}", template: booking } }]
  - id: row
    on: ["*"]
    actions: [{ sheet: { file: all.csv, columns: { Webhook: "{{ id }}", About: "{{ data.id }}" } } }]
  - id: state
    on: ["booking.*"]
    when: { data.card: { $exists: true } }
    actions: [{ sheet: { file: state.csv, key: About, columns: { About: "{{ data.id }}", Step: "{{ data.step }}" } } }]
`;

export const RULE_IDS: readonly string[] = ['mail', 'mail-registration', 'post', 'card', 'row', 'state'];

/** The same, and one more that tells nobody: to see that a mended file is read. */
export const MENDED_RULES = `${RULES}  - id: mended
    on: ["nothing.*"]
    actions: [{ sheet: { file: none.csv, columns: { Webhook: "{{ id }}" } } }]
`;

export const MENDED_RULE_IDS: readonly string[] = [...RULE_IDS, 'mended'];
