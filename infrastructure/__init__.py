"""What everything stands on: settings, engines, database, queue, events, encryption. Imports none of ours."""
