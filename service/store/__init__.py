"""Neo4j: driver, statements, schema, and an edition's subgraph read and written."""
