"""Who may work on the guide."""
