// For:     an item and what residents come to before and after it, by kind: one and two steps away, of each kind how
//          many there are, and the first of them by key with the edges by which they hang together; `along` are types
//          of edges that lead on from their start, `against` from their end
// Params:  edition, key, along, against, owning, named, most
// Returns: one
// Access:  read

MATCH (middle:Item {edition: $edition, key: $key})
CALL (middle) {
  CALL (middle) {
    MATCH (middle)<-[edge:$any($along)]-(near:Item) RETURN near, edge
    UNION ALL
    MATCH (middle)-[edge:$any($against)]->(near:Item) RETURN near, edge
  }
  WITH near, collect(DISTINCT type(edge)) AS types
  ORDER BY near.key
  WITH [label IN labels(near) WHERE label <> 'Item'][0] AS kind, collect({node: near, types: types}) AS found
  WITH kind, size(found) AS total, found[..$most] AS found
  RETURN collect({kind: kind, total: total, found: found}) AS above
}
CALL (above) {
  UNWIND above AS group
  UNWIND group.found AS one
  WITH one.node AS near
  CALL (near) {
    MATCH (near)<-[edge:$any($along)]-(far:Item) RETURN far, edge
    UNION ALL
    MATCH (near)-[edge:$any($against)]->(far:Item) RETURN far, edge
  }
  WITH far, near.key AS other, collect(DISTINCT type(edge)) AS types
  WITH far, collect({other: other, types: types}) AS ties
  ORDER BY far.key
  WITH [label IN labels(far) WHERE label <> 'Item'][0] AS kind, collect({node: far, ties: ties}) AS found
  WITH kind, size(found) AS total, found[..$most] AS found
  RETURN collect({kind: kind, total: total, found: found}) AS above_that
}
CALL (middle) {
  CALL (middle) {
    MATCH (middle)-[edge:$any($along)]->(near:Item) RETURN near, edge
    UNION ALL
    MATCH (middle)<-[edge:$any($against)]-(near:Item) RETURN near, edge
  }
  WITH near, collect(DISTINCT type(edge)) AS types
  ORDER BY near.key
  WITH [label IN labels(near) WHERE label <> 'Item'][0] AS kind, collect({node: near, types: types}) AS found
  WITH kind, size(found) AS total, found[..$most] AS found
  RETURN collect({kind: kind, total: total, found: found}) AS below
}
CALL (below) {
  UNWIND below AS group
  UNWIND group.found AS one
  WITH one.node AS near
  CALL (near) {
    MATCH (near)-[edge:$any($along)]->(far:Item) RETURN far, edge
    UNION ALL
    MATCH (near)<-[edge:$any($against)]-(far:Item) RETURN far, edge
  }
  WITH far, near.key AS other, collect(DISTINCT type(edge)) AS types
  WITH far, collect({other: other, types: types}) AS ties
  ORDER BY far.key
  WITH [label IN labels(far) WHERE label <> 'Item'][0] AS kind, collect({node: far, ties: ties}) AS found
  WITH kind, size(found) AS total, found[..$most] AS found
  RETURN collect({kind: kind, total: total, found: found}) AS below_that
}
CALL (above, above_that, below, below_that) {
  UNWIND above + above_that + below + below_that AS group
  UNWIND group.found AS one
  WITH one.node AS inside
  MATCH (inside)<-[:$any($owning)]-(owner:Item)
  RETURN collect({key: inside.key, names: [name IN $named | owner[name]]}) AS owners
}
WITH middle, owners, [
  {step: -1, groups: above}, {step: -2, groups: above_that}, {step: 1, groups: below}, {step: 2, groups: below_that}
] AS steps
RETURN [label IN labels(middle) WHERE label <> 'Item'][0] AS kind, [name IN $named | middle[name]] AS names, owners,
       [part IN steps | {step: part.step, groups: [group IN part.groups | {
         kind: group.kind, total: group.total, found: [one IN group.found | {
           key: one.node.key, names: [name IN $named | one.node[name]], types: one.types, ties: one.ties
         }]
       }]}] AS steps
