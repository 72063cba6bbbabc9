// For:     the editions that may leave the graph: those that stopped being live before that time, discarded drafts and
//          withdrawn schedules; none that an open draft builds on
// Params:  before, now
// Returns: many
// Access:  read

CALL () {
  MATCH (edition:Edition {state: 'published'})
  WHERE NOT edition.scheduled OR edition.published_at <= $now
  WITH edition ORDER BY edition.published_at, edition.number
  WITH collect(edition) AS public
  UNWIND range(0, size(public) - 2) AS place
  WITH public[place] AS edition, public[place + 1].published_at AS until
  WHERE until <= $before
  RETURN edition
  UNION
  MATCH (edition:Edition)
  WHERE edition.state IN ['discarded', 'withdrawn']
  RETURN edition
}
WITH edition
WHERE NOT edition.archived AND NOT EXISTS { MATCH (:Edition {state: 'draft', archived: false, base: edition.number}) }
RETURN edition {.*} AS edition
ORDER BY edition.number
