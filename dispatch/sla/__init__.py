"""Working-time arithmetic: business calendars, priorities and due times. Pure: data in, data out."""
