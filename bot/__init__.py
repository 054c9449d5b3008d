"""What runs inside Rasa: understanding, dialogue, and the channel the service talks to them through."""
