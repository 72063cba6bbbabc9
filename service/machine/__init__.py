"""The machine below: Java, Neo4j, its folder, and the processes that run."""
