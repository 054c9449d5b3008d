"""The service directory: organizations, services, locations and places, and how they are found and said."""
