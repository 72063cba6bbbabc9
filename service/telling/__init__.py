"""Words made of data: fields, differences, the history, announcements, findings."""
