"""Java, Neo4j's jars and process, the lock file of a data directory, the supervisor, the doctor."""
