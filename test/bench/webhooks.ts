/** A webhook of its own booking; the same number gives the same one. */
export const aWebhook = (n: number | string) => ({
  id: `wh_evt_${n}`,
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: `bk_${n}`,
    schedule_id: 'sch_abc123',
    start_time: '2099-02-15T10:00:00Z',
    end_time: '2099-02-15T11:00:00Z',
    status: 'PENDING',
    attendee_name: 'John Doe',
    attendee_email: `john.${n}@example.com`,
  },
});
