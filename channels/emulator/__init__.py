"""A small Twilio of our own: the far side of the wire, spoken to over HTTP, with a phone page to text from."""
